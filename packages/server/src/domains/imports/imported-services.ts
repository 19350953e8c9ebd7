import { fail } from '@millrace/protocol'
import type { Database } from '../../ports/database.ts'

/** A feature service that came from Feast: which features it gives, and under which names of views. */
export interface ImportedService {
  name: string
  features: { view: string; feature: string; as: string }[]
}

export interface ImportedServices {
  find(name: string): Promise<ImportedService | undefined>
  /** @throws `import.conflict` if another project has a service of one of these names */
  check(project: string, names: readonly string[]): Promise<void>
  /** Makes these the services of a project. @throws `import.conflict` */
  replace(project: string, services: readonly ImportedService[]): Promise<void>
}

interface Tables {
  feast_services: { name: string; project: string; content: string }
}

/** Keeps what feature services of Feast say beyond what a feature service of here can. */
export function createImportedServices({ db }: { db: Database }): ImportedServices {
  async function check(
    tables: ReturnType<typeof db.tables<Tables>>,
    project: string,
    names: readonly string[],
  ) {
    if (names.length === 0) return
    const foreign = await tables
      .selectFrom('feast_services')
      .select(['name', 'project'])
      .where('project', '<>', project)
      .where('name', 'in', [...names])
      .orderBy('name')
      .executeTakeFirst()
    if (!foreign) return
    throw fail('import.conflict', {
      what: `The feature service "${foreign.name}"`,
      reason: `it came from the Feast project "${foreign.project}".`,
    })
  }
  return {
    async find(name) {
      const row = await db
        .tables<Tables>()
        .selectFrom('feast_services')
        .select('content')
        .where('name', '=', name)
        .executeTakeFirst()
      return row && (JSON.parse(row.content) as ImportedService)
    },
    check: (project, names) => check(db.tables<Tables>(), project, names),
    replace: (project, services) =>
      db.transaction<Tables, void>(async (trx) => {
        await check(
          trx,
          project,
          services.map(({ name }) => name),
        )
        await trx.deleteFrom('feast_services').where('project', '=', project).execute()
        if (services.length === 0) return
        await trx
          .insertInto('feast_services')
          .values(services.map((one) => ({ name: one.name, project, content: JSON.stringify(one) })))
          .execute()
      }),
  }
}
