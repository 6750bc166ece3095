import { type RefObject, useEffect, useRef, useState } from 'react';
import { useGlide } from '../components/use-glide.ts';

/** Nothing moves under a finger or pointer until it has been still for so long, ms. */
const HOLD_MS = 1_200;

/** The order that stands while a hand is at the list: nothing moves, newcomers come last, who left is gone. */
export function heldOrder(shown: readonly string[], order: readonly string[]): readonly string[] {
  const there = new Set(order);
  const known = new Set(shown);
  return [...shown.filter((id) => there.has(id)), ...order.filter((id) => !known.has(id))];
}

/** The order in which rows stand; they glide to new places, and not under a hand. */
export function useHeldOrder(
  list: RefObject<HTMLElement | null>,
  order: readonly string[],
): readonly string[] {
  const [isHeld, setHeld] = useState(false);
  const [shown, setShown] = useState(order);
  const next = isHeld ? heldOrder(shown, order) : order;
  const key = next.join();
  const settled = useRef(key);
  useEffect(() => {
    if (settled.current === key) return;
    settled.current = key;
    setShown(key === '' ? [] : key.split(','));
  }, [key]);
  useEffect(() => {
    const element = list.current;
    if (!element) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hold = () => {
      clearTimeout(timer);
      setHeld(true);
      timer = setTimeout(() => setHeld(false), HOLD_MS);
    };
    element.addEventListener('pointermove', hold);
    element.addEventListener('pointerdown', hold);
    return () => {
      clearTimeout(timer);
      element.removeEventListener('pointermove', hold);
      element.removeEventListener('pointerdown', hold);
    };
  }, [list]);
  useGlide(list, next);
  return next;
}
