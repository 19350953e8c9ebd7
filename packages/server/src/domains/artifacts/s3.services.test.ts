import { createS3Store } from '../../drivers/object-store/s3.ts'
import { createTestBucket, s3Connection } from '../../testing/test-bucket.ts'
import { artifactServiceContract } from './testing/artifact-service.contract.ts'

const { bucket } = await createTestBucket('artifacts')
let prefixes = 0

artifactServiceContract('s3', () => createS3Store({ ...s3Connection(), bucket, prefix: `p${prefixes++}` }))
