import { artifactServiceContract } from './testing/artifact-service.contract.ts'

artifactServiceContract('files')
