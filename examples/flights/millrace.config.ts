import { project } from 'millrace'
import * as definitions from './definitions.ts'
import * as pipelines from './pipelines.ts'

export default project({
  name: 'flights',
  definitions: [...Object.values(definitions), ...Object.values(pipelines)],
})
