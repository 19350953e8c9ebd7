import { lookup as systemLookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { fail } from '@millrace/protocol'

export interface AddressPolicy {
  /** Also `http:`. */
  allowHttp: boolean
  /** Also addresses of this machine and of private networks. */
  allowPrivate: boolean
}

export interface Address {
  address: string
  family: number
}

export type Resolve = (host: string) => Promise<Address[]>

const longest = 2048

/**
 * The URL of a webhook: https, a host, no user.
 * @throws `webhook.invalid`
 */
export function checkWebhookUrl(text: string, policy: AddressPolicy): URL {
  const refuse = (reason: string) =>
    fail('webhook.invalid', { what: `The URL "${text.slice(0, 200)}"`, reason })
  if (text.length > longest) throw refuse(`it is longer than ${longest} characters`)
  if (!URL.canParse(text)) throw refuse('it is no URL')
  const url = new URL(text)
  if (url.protocol !== 'https:' && !(policy.allowHttp && url.protocol === 'http:')) {
    throw refuse(policy.allowHttp ? 'it must be https or http' : 'it must be https')
  }
  if (url.username !== '' || url.password !== '') throw refuse('it must not have a user or a password')
  const host = hostOf(url)
  if (isIP(host) !== 0 && !policy.allowPrivate && isPrivate(host)) {
    throw refuse('it is an address of this machine or of a private network')
  }
  return url
}

/**
 * The addresses of a host, if all may be called. The caller connects to one of these and to nothing else: asked again,
 * the same name could give an address inside (DNS rebinding).
 * @throws an Error that says what is wrong
 */
export async function resolveHost(
  host: string,
  policy: AddressPolicy,
  resolve: Resolve = (name) => systemLookup(name, { all: true }),
): Promise<Address[]> {
  const family = isIP(host)
  const addresses = family === 0 ? await resolve(host) : [{ address: host, family }]
  if (addresses.length === 0) throw new Error(`${host} has no address`)
  const inside = policy.allowPrivate ? undefined : addresses.find(({ address }) => isPrivate(address))
  if (inside) {
    throw new AddressRefused(
      `${host} is ${inside.address}, an address of this machine or of a private network`,
    )
  }
  return addresses
}

/** Trying again would not help. */
export class AddressRefused extends Error {}

/** Without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1')
}

/** True for all that is not a public unicast address (IANA special-purpose registries). */
export function isPrivate(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return special.check(address, 'ipv4')
  // Mapped and translated IPv4 addresses lie outside of 2000::/3, too.
  return family !== 6 || !globalUnicast.check(address, 'ipv6') || special.check(address, 'ipv6')
}

const globalUnicast = new BlockList()
globalUnicast.addSubnet('2000::', 3, 'ipv6')
const special = new BlockList()
for (const subnet of [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]) {
  const [net, bits] = subnet.split('/')
  special.addSubnet(net, Number(bits), 'ipv4')
}
for (const subnet of ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']) {
  const [net, bits] = subnet.split('/')
  special.addSubnet(net, Number(bits), 'ipv6')
}
