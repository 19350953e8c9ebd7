import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { MlflowError } from '../mlflow-error.ts'

/** Most calls that one query makes, names that it gives, and levels that it has; as many as MLflow allows. */
const most = { calls: 10, aliases: 10, depth: 10 }

/**
 * Refuses a query that asks for many times what its size says.
 * @throws MlflowError naming the limit
 */
export function checkLimits(schema: GraphQLSchema, document: DocumentNode): void {
  let calls = 0
  let aliases = 0
  const types = new TypeInfo(schema)
  visit(
    document,
    visitWithTypeInfo(types, {
      Field({ alias }) {
        const parent = types.getParentType()
        if (parent && (parent === schema.getQueryType() || parent === schema.getMutationType())) calls += 1
        if (alias) aliases += 1
      },
    }),
  )
  if (calls > most.calls) throw refused(`ask for at most ${most.calls} root fields, this one for ${calls}`)
  if (aliases > most.aliases) throw refused(`have at most ${most.aliases} aliases, this one has ${aliases}`)
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) checkDepth(document, definition.selectionSet)
  }
}

/** Fragments count where they are used. The document must have passed validation: no fragment holds itself. */
function checkDepth(document: DocumentNode, selections: SelectionSetNode): void {
  const fragments = new Map(
    document.definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one.selectionSet] as const] : [],
    ),
  )
  const depths = new Map<SelectionSetNode, number>()
  function depthOf(set: SelectionSetNode | undefined): number {
    if (!set) return 0
    const known = depths.get(set)
    if (known !== undefined) return known
    const depth = Math.max(
      ...set.selections.map((selection) => {
        if (selection.kind === Kind.FIELD) return 1 + depthOf(selection.selectionSet)
        if (selection.kind === Kind.INLINE_FRAGMENT) return depthOf(selection.selectionSet)
        return depthOf(fragments.get(selection.name.value))
      }),
    )
    depths.set(set, depth)
    return depth
  }
  const depth = depthOf(selections)
  if (depth > most.depth) throw refused(`are at most ${most.depth} levels deep, this one is ${depth}`)
}

function refused(rule: string): MlflowError {
  return new MlflowError('INVALID_PARAMETER_VALUE', `GraphQL queries ${rule}.`)
}
