import { describe, expect, it } from 'vitest'
import { placeOf } from './move-registry.ts'
import { createPlaces } from './places.ts'

const version = (source: string | null) => ({ source }) as Parameters<typeof placeOf>[0]

describe('places', () => {
  const places = createPlaces()
  places.add('file:///store/1/run%201/artifacts', 'new:/1/run/artifacts')
  places.add('./mlruns/2/r/artifacts', 'new:/2/r/artifacts')
  places.add('mlflow-artifacts:/3/r/artifacts', 'new:/3/r/artifacts')
  places.add(null, 'nowhere')

  it.each([
    ['/store/1/run 1/artifacts/model', 'new:/1/run/artifacts/model'],
    ['file:/store/1/run%201/artifacts/', 'new:/1/run/artifacts'],
    ['./mlruns/2/r/artifacts/a/b', 'new:/2/r/artifacts/a/b'],
    ['mlflow-artifacts:/3/r/artifacts/model', 'new:/3/r/artifacts/model'],
    ['models:/m-1', 'models:/m-1'],
    ['runs:/r/model', 'runs:/r/model'],
    ['s3://bucket/model', 's3://bucket/model'],
    ['/store/1/run 1/artifacts-of-another', undefined],
    ['/elsewhere/model', undefined],
    ['file:///elsewhere/model', undefined],
    ['mlflow-artifacts:/9/r/artifacts/model', undefined],
    ['', undefined],
    [null, undefined],
  ])('are found for %s', (source, place) => {
    expect(placeOf(version(source), places.find)).toBe(place)
  })
})
