/** A list of any length: only the rows that are seen are drawn, each where it belongs. */
import type { VirtualItem, Virtualizer } from "@tanstack/react-virtual";
import type { CSSProperties, ReactNode } from "react";

export function VirtualRows(props: {
  readonly virtual: Virtualizer<HTMLDivElement, Element>;
  readonly row: (item: VirtualItem, place: CSSProperties) => ReactNode;
}) {
  const { virtual, row } = props;
  return (
    <div className="rows-all" style={{ height: virtual.getTotalSize() }}>
      {virtual
        .getVirtualItems()
        .map((item) => row(item, { transform: `translateY(${item.start}px)` }))}
    </div>
  );
}
