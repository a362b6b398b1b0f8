/** What takes much is done a few at once: others wait in a line, and whoever comes on top of those is turned away. */

export type Line = {
  /** Null when too many wait. Whoever is patient waits behind however many. */
  <T>(work: () => Promise<T>, isPatient?: boolean): Promise<T> | null;
};

export function openLine({
  atOnce,
  waitingMax,
}: {
  readonly atOnce: number;
  readonly waitingMax: number;
}): Line {
  let running = 0;
  const waiting: (() => void)[] = [];
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= atOnce) await new Promise<void>((go) => waiting.push(go));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
  return (work, isPatient = false) =>
    !isPatient && waiting.length >= waitingMax ? null : inTurn(work);
}
