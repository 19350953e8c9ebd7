import { type BrowserContext, chromium, type Page } from 'playwright-core'

export interface Visit {
  page: Page
  /** What the pages complained of since they were opened, and what the server refused them. */
  complaints: string[]
  /** Saves what is seen, if a folder for pictures is set, and closes the page. */
  end(name: string): Promise<void>
}

/** MLflow's server without users has no such address either, and its pages ask for it at each start. */
const askedInVain = /\/ajax-api\/2\.0\/mlflow\/users\/current$/

/** Chromium, or the page after it, says so when a layout needs another frame, as charts do on a busy machine; nothing is lost. */
const layoutTookLonger = 'ResizeObserver loop completed'

/** Debian's Chromium. Pages that were read once are not asked for again. */
export async function openBrowser(): Promise<{
  visit(url: string): Promise<Visit>
  close(): Promise<void>
}> {
  const browser = await chromium.launch({
    executablePath: process.env.MILLRACE_INTEROP_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  })
  const context = await browser.newContext({ viewport: { width: 1400, height: 1000 } })
  // The pages show pictures of the world's internet, which is not there.
  await context.route(isElsewhere, (route) => route.abort())
  return {
    visit: (url) => visit(context, url),
    close: () => browser.close(),
  }
}

function isElsewhere({ protocol, hostname }: URL): boolean {
  return protocol.startsWith('http') && hostname !== '127.0.0.1'
}

async function visit(context: BrowserContext, url: string): Promise<Visit> {
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`))
  page.on('console', (message) => {
    const { url } = message.location()
    if (message.type() !== 'error' || askedInVain.test(url)) return
    if (message.text().includes(layoutTookLonger)) return
    if (URL.canParse(url) && isElsewhere(new URL(url))) return
    complaints.push(`console: ${message.text()}`)
  })
  page.on('response', (response) => {
    if (response.status() < 400 || askedInVain.test(response.url())) return
    complaints.push(`${response.status()} ${response.request().method()} ${response.url()}`)
  })
  await page.goto(url, { waitUntil: 'commit', timeout: 60_000 })
  return {
    page,
    complaints,
    async end(name) {
      const folder = process.env.MILLRACE_INTEROP_PICTURES
      if (folder) await page.screenshot({ path: `${folder}/${name}.png` })
      await page.close()
    },
  }
}
