/** The zone that the calendar is read in; undefined: the reader's own. */
import { createContext, useContext } from "react";

export const ZoneContext = createContext<string | undefined>(undefined);
export const useZone = (): string | undefined => useContext(ZoneContext);

export const isZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};
