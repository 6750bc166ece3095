import { type ReactNode, useMemo } from 'react';
import { encode } from 'uqr';

/** Modules of nothing around the code: with fewer, cameras do not find it (ISO/IEC 18004). */
const QUIET = 4;

/** A QR code, dark on a white plate whatever the page's colours: cameras want it so. */
export function Qr(props: {
  readonly text: string;
  readonly label: string;
  /** A CSS length. */
  readonly size: string;
}): ReactNode {
  const { text, label, size } = props;
  const { path, width } = useMemo(() => {
    const { data } = encode(text, { ecc: 'M', border: QUIET });
    const squares = data.flatMap((row, y) =>
      row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])),
    );
    return { path: squares.join(''), width: data.length };
  }, [text]);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${width}`}
      shapeRendering="crispEdges"
      data-testid="qr"
      style={{
        width: size,
        height: size,
        display: 'block',
        borderRadius: 8,
        background: '#fff',
        flex: 'none',
      }}
    >
      <path d={path} fill="#000" />
    </svg>
  );
}
