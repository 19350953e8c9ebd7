import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'

/** The S3 server of the services suite. @throws Error outside of it */
export function s3Connection() {
  return {
    endpoint: setting('ENDPOINT'),
    region: 'us-east-1',
    forcePathStyle: true,
    accessKeyId: setting('ACCESS_KEY_ID'),
    secretAccessKey: setting('SECRET_ACCESS_KEY'),
  }
}

/** Makes a bucket with a name of its own. */
export async function createTestBucket(name: string) {
  const { accessKeyId, secretAccessKey, ...connection } = s3Connection()
  const client = new S3Client({ ...connection, credentials: { accessKeyId, secretAccessKey } })
  const bucket = `millrace-${name}-${Date.now()}`
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  return { client, bucket }
}

function setting(name: string): string {
  const value = process.env[`MILLRACE_TEST_S3_${name}`]
  if (value) return value
  throw new Error(`MILLRACE_TEST_S3_${name} is not set; run these tests with "npm run test:services"`)
}
