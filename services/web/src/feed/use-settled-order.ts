import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useGlide } from '../components/use-glide.ts';
import { shownOrder } from './feed-updates.ts';

/** Cards move at once while nobody reads; after the pointer or the focus has left, once this has passed. */
const IDLE_MS = 1_500;

/**
 * The order in which the cards stand. While the pointer or the focus is in the list nothing moves under
 * it; otherwise the newest change comes first, and cards glide to their new places.
 *
 * @param list holds one child with `data-glide` for each card.
 */
export function useSettledOrder(
  list: RefObject<HTMLElement | null>,
  feed: readonly string[],
): readonly string[] {
  const [reading, setReading] = useState(false);
  const shown = useRef<readonly string[]>([]);
  const order = shownOrder(shown.current, feed, !reading);

  useEffect(() => {
    const element = list.current;
    if (!element) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const enter = () => {
      clearTimeout(timer);
      setReading(true);
    };
    const leave = () => {
      clearTimeout(timer);
      timer = setTimeout(() => setReading(element.matches(':hover, :focus-within')), IDLE_MS);
    };
    element.addEventListener('pointerenter', enter);
    element.addEventListener('pointerleave', leave);
    element.addEventListener('focusin', enter);
    element.addEventListener('focusout', leave);
    return () => {
      clearTimeout(timer);
      element.removeEventListener('pointerenter', enter);
      element.removeEventListener('pointerleave', leave);
      element.removeEventListener('focusin', enter);
      element.removeEventListener('focusout', leave);
    };
  }, [list]);

  useLayoutEffect(() => {
    shown.current = order;
  });
  useGlide(list, order);
  return order;
}
