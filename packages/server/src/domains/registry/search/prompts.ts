import type { Condition, Filter } from '../../search/index.ts'

const key = 'mlflow.prompt.is_prompt'
const isPrompt: Condition = { kind: 'comparison', field: { kind: 'tag', key }, operator: '=', value: 'true' }

/**
 * MLflow keeps prompts as registered models with a tag. A filter finds them only if it says that the tag is 'true' (or
 * not 'false'); the opposite forms also mean everything without the tag.
 */
export function withoutPrompts(filter: Filter | undefined): Filter {
  const conditions = filter?.kind === 'and' ? filter.operands : filter ? [filter] : []
  const meanings = conditions.map(meaningOf)
  const rest = conditions.filter((_, i) => meanings[i] === undefined)
  const wanted: Filter = meanings.includes('prompts') ? isPrompt : { kind: 'not', operand: isPrompt }
  // Both at once is what nothing fits.
  const both: Filter[] =
    meanings.includes('prompts') && meanings.includes('models') ? [{ kind: 'not', operand: isPrompt }] : []
  return { kind: 'and', operands: [wanted, ...both, ...rest] }
}

function meaningOf(filter: Filter): 'prompts' | 'models' | undefined {
  if (filter.kind !== 'comparison' || filter.field.kind !== 'tag' || filter.field.key !== key)
    return undefined
  const { operator, value } = filter
  if (operator !== '=' && operator !== '!=') return undefined
  if (value !== 'true' && value !== 'false') return undefined
  return (value === 'true') === (operator === '=') ? 'prompts' : 'models'
}
