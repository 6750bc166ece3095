import { existsSync } from 'node:fs';
import { describe, expect } from '@jest/globals';
import { waitFor } from '@spindle/testkit';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { CHROMIUM, untilStill, WEB_DIST } from './browser.ts';

export { launchChromium, SHOTS, untilStill, WEB_DIST } from './browser.ts';

/** Whether stories can be told here. */
export const isReady = existsSync(CHROMIUM) && existsSync(`${WEB_DIST}/index.html`);
if (!isReady)
  process.stderr.write(
    '! The browser tests are skipped: they need Chromium (CHROMIUM_PATH) and the built web app.\n',
  );
/** A suite of tests, where stories can be told. */
export const story: (name: string, tests: () => void) => void = isReady ? describe : describe.skip;

/** On the page of somebody who is not signed in: signs in as the person of the sandbox who comes first. */
export async function continueWithSpotify(page: Page): Promise<void> {
  await page.getByRole('link', { name: /Continue with Spotify/ }).click();
  await page.locator('button[value=approve]').click();
}

/**
 * Collects what goes wrong in a page of ours.
 *
 * @param expected what shows in the console as well although a page expects it: refusals of the API
 */
export function watchErrors(page: Page, ours: string, expected: RegExp, errors: string[]): void {
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    const isExpected = expected.test(message.text()) || !page.url().startsWith(ours);
    if (message.type() === 'error' && !isExpected) errors.push(`${page.url()}: ${message.text()}`);
  });
}

/** Fails when axe finds something serious or critical. */
export async function isAccessible(page: Page, where: string): Promise<void> {
  await untilStill(page, where);
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (
      globalThis as unknown as {
        axe: {
          run(): Promise<{ violations: { id: string; impact: string | null; nodes: { html: string }[] }[] }>;
        };
      }
    ).axe.run(),
  );
  const severe = violations.filter((one) => ['serious', 'critical'].includes(one.impact ?? ''));
  expect({ where, severe: severe.map((one) => `${one.id}: ${one.nodes[0]?.html.slice(0, 200)}`) }).toEqual({
    where,
    severe: [],
  });
}

/** Turns a switch, by the keyboard: what is still being laid out moves away under a pointer. */
export async function turn(page: Page, name: string, on: boolean): Promise<void> {
  const toggle = page.getByRole('switch', { name });
  await waitFor(() => toggle.isEnabled(), { what: `${name} to be there` });
  await toggle.press('Space');
  await waitFor(async () => (await toggle.isChecked()) === on, { what: `${name} ${on ? 'on' : 'off'}` });
}
