import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@spindle/testkit';
import { type Browser, chromium, type Page } from 'playwright-core';

export const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
/** The web app as it was built. */
export const WEB_DIST =
  process.env.WEB_DIST ?? fileURLToPath(new URL('../services/web/dist', import.meta.url));
/** Where pictures of pages are put. */
export const SHOTS = fileURLToPath(new URL('./test-results/', import.meta.url));

export async function launchChromium(): Promise<Browser> {
  mkdirSync(SHOTS, { recursive: true });
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Waits until nothing moves: what fades in has no contrast yet. Bars that follow a track go on for minutes. */
export async function untilStill(page: Page, where: string): Promise<void> {
  const still =
    'document.getAnimations().every((one) => one.playState !== "running" || one.effect?.getComputedTiming().duration > 2000 || one.effect?.getTiming().iterations === Infinity)';
  await waitFor(() => page.evaluate<boolean>(still), { what: `${where} to stand still` });
}
