import type { Page } from 'playwright-core';

export interface Contrast {
  readonly selector: string;
  readonly ratio: number;
}

/** The contrast between the text of each element (the last that matches) and what lies behind it, by WCAG 2. */
export function contrastOf(page: Page, selectors: string[]): Promise<Contrast[]> {
  return page.evaluate(measure, selectors);
}

/** Runs in the page. */
function measure(selectors: string[]): Contrast[] {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (canvas === null) throw new Error('There is no canvas.');
  // A canvas turns every way to write a colour into bytes, blended over what was drawn before.
  const draw = (colour: string): number => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = canvas.getImageData(0, 0, 1, 1).data;
    const linear = (byte: number): number => {
      const part = byte / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  };
  return selectors.map((selector) => {
    const element = [...document.querySelectorAll(selector)].at(-1);
    if (element === undefined) throw new Error(`There is no ${selector}.`);
    const behind: Element[] = [];
    for (let each: Element | null = element; each !== null; each = each.parentElement) behind.unshift(each);
    let back = 0;
    for (const each of behind) back = draw(getComputedStyle(each).backgroundColor);
    const text = draw(getComputedStyle(element).color);
    return { selector, ratio: (Math.max(back, text) + 0.05) / (Math.min(back, text) + 0.05) };
  });
}
