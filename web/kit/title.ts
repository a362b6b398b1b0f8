/** What the browser's tab says. */
import { useEffect } from "react";

export function useTitle(subject: string): void {
  useEffect(() => {
    document.title = `${subject} · Tocsin`;
  }, [subject]);
}
