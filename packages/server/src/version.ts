import packageJson from '../package.json' with { type: 'json' }

/** The one version number of all packages. */
export const version: string = packageJson.version
