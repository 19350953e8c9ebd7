import { randomInt } from 'node:crypto'

/** `adjective-animal-number`, for things that nobody has named. */
export function randomName(): string {
  return `${adjectives[randomInt(adjectives.length)]}-${animals[randomInt(animals.length)]}-${randomInt(1000)}`
}

// biome-ignore format: one word a line would be two screens
const adjectives = [
  'able', 'agile', 'amber', 'autumn', 'bold', 'brave', 'bright', 'brisk', 'calm', 'clever', 'coastal', 'crisp',
  'curious', 'deft', 'eager', 'early', 'fair', 'fleet', 'fond', 'frosty', 'gentle', 'glad', 'golden', 'happy',
  'hardy', 'humble', 'jolly', 'keen', 'kind', 'lively', 'lucky', 'mellow', 'merry', 'mighty', 'nimble', 'noble',
  'patient', 'placid', 'proud', 'quick', 'quiet', 'rapid', 'rustic', 'serene', 'sharp', 'silent', 'sleek', 'spry',
  'steady', 'sunny', 'swift', 'tidy', 'upbeat', 'valiant', 'vivid', 'warm', 'wise', 'witty', 'young', 'zesty',
]

// biome-ignore format: as above
const animals = [
  'ant', 'badger', 'bat', 'bear', 'beaver', 'bee', 'bison', 'boar', 'camel', 'carp', 'cat', 'cod', 'colt', 'cow',
  'crab', 'crane', 'crow', 'deer', 'dog', 'dove', 'duck', 'eel', 'elk', 'falcon', 'finch', 'fox', 'frog', 'goat',
  'goose', 'hare', 'hawk', 'heron', 'horse', 'ibex', 'jay', 'koala', 'lark', 'lion', 'lynx', 'mole', 'moose', 'moth',
  'mouse', 'newt', 'otter', 'owl', 'ox', 'panda', 'perch', 'pike', 'puma', 'quail', 'rabbit', 'ram', 'raven', 'robin',
  'seal', 'shrew', 'skunk', 'sloth', 'snail', 'stork', 'swan', 'toad', 'trout', 'turtle', 'vole', 'wasp', 'whale', 'wolf',
  'wren', 'yak', 'zebra',
]
