import type { Page } from 'playwright-core';

/** Largest number of stops of a page; a walk that has more goes round in a circle. */
const maxStops = 600;

/**
 * Walks through a page by Tab alone.
 *
 * @returns a sentence for each stop that does not show the focus or does not let it go, and for each control without
 * a stop
 */
export async function keyboardFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(`(${beginWalk})()`);
  for (let stop = 0; stop < maxStops; stop++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate<boolean>(`(${takeStop})()`))
      return page.evaluate<readonly string[]>(`(${endWalk})()`);
  }
  return [`Tab does not come to an end after ${maxStops} stops`];
}

/** Presses Tab until the focused element fits a CSS selector. @throws Error where none does */
export async function tabTo(page: Page, selector: string): Promise<void> {
  for (let stop = 0; stop < maxStops; stop++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate<boolean>(`(${isFocused})(${JSON.stringify(selector)})`)) return;
  }
  throw new Error(`Tab does not reach ${selector}`);
}

// Passed as text, so that they run in the page and are not compiled for Node.

const focused = `() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}`;

const isFocused = `(selector) => (${focused})()?.matches(selector) === true`;

const beginWalk = `() => {
  const nameOf = (element) =>
    [
      element.tagName.toLowerCase(),
      element.getAttribute('aria-label') ?? element.closest('label')?.textContent ?? element.textContent ?? '',
    ].join(' ').replace(/\\s+/g, ' ').trim().slice(0, 80);
  // An element may be marked itself, by what is around it, or by the current cell of a grid.
  const marksOf = (element) =>
    [
      element,
      element.parentElement,
      element.getRootNode().host,
      document.getElementById(element.getAttribute('aria-activedescendant') ?? ''),
    ].filter((one) => one instanceof Element);
  const styleOf = (element) => {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(element);
    const isOutlined = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1 && !/, 0\\)$/.test(outlineColor);
    return { isMarked: isOutlined || boxShadow !== 'none', text: [isOutlined && outlineColor + outlineWidth, boxShadow].join(' ') };
  };
  const isInView = (element) => {
    const { top, left, bottom, right } = element.getBoundingClientRect();
    return bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
  };
  const controls = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
  const wanted = [...document.querySelectorAll(controls)].filter(
    (one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility(),
  );
  window.focusWalk = { nameOf, marksOf, styleOf, isInView, wanted, seen: new Set(), faults: [], last: undefined, again: 0 };
  document.querySelector('.skip')?.focus();
  window.focusWalk.seen.add(document.querySelector('.skip'));
}`;

const takeStop = `() => {
  const walk = window.focusWalk;
  const element = (${focused})();
  const { last } = walk;
  if (last && last.element !== element && last.element.isConnected) {
    // The style without the focus is known once the focus has gone on.
    const isShown = last.marks.some(
      ({ mark, style }) => style.isMarked && style.text !== walk.styleOf(mark).text && last.inView.includes(mark),
    );
    if (!isShown) walk.faults.push('the focus is not to be seen at: ' + walk.nameOf(last.element));
  }
  if (last?.element === element) {
    // A date has a stop for each of its parts.
    if (++walk.again > 6) walk.faults.push('Tab does not leave: ' + walk.nameOf(element));
    return walk.again > 6;
  }
  walk.again = 0;
  if (element === null || element === document.body || walk.seen.has(element)) return true;
  walk.seen.add(element);
  for (let root = element.getRootNode(); root.host; root = root.host.getRootNode()) walk.seen.add(root.host);
  const marks = walk.marksOf(element).map((mark) => ({ mark, style: walk.styleOf(mark) }));
  walk.last = { element, marks, inView: marks.map(({ mark }) => mark).filter(walk.isInView) };
  return false;
}`;

const endWalk = `() => {
  const { wanted, seen, faults, nameOf } = window.focusWalk;
  delete window.focusWalk;
  const missed = wanted.filter(
    (one) => !seen.has(one) && one.isConnected && !one.disabled && one.checkVisibility(),
  );
  return [
    ...faults,
    ...missed.map((one) => 'Tab does not reach: ' + nameOf(one)),
    ...(seen.size < 10 ? ['Tab stops at ' + seen.size + ' places alone'] : []),
  ];
}`;
