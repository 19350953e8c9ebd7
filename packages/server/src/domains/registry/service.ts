import { type CheckService, createCheckService } from './checks.ts'
import { createLineageService, type LineageService } from './lineage.ts'
import { noLinks } from './links.ts'
import { createModelSourceService, type ModelSourceService } from './model-source.ts'
import { createModelService, type ModelService } from './models.ts'
import { type AliasService, createAliasService } from './pointers.ts'
import { createRegistrationService, type RegistrationService } from './registration.ts'
import { createRegistryContext, type RegistryDeps } from './registry-context.ts'
import { createStageService, type StageService } from './stages.ts'
import { createVersionService, type VersionService } from './versions.ts'

/** Registered models and their versions, the pointers to them, and where they come from. */
export interface RegistryService
  extends ModelService,
    VersionService,
    RegistrationService,
    AliasService,
    StageService,
    LineageService,
    ModelSourceService,
    CheckService {}

export function createRegistryService(deps: RegistryDeps): RegistryService {
  const context = createRegistryContext({ links: noLinks, ...deps })
  const { demand, ...checks } = createCheckService(context)
  const versions = createVersionService(context)
  return {
    ...createModelService(context),
    ...versions,
    ...createRegistrationService(context, versions.resolve),
    ...createAliasService(context, { demand }),
    ...createStageService(context, { demand }),
    ...createLineageService(context),
    ...createModelSourceService(context, versions.resolve),
    ...checks,
  }
}
