/** Files that a command was told to write or to read: what is wrong with one is said in one line. */
import { writeFile } from "node:fs/promises";
import { ClientError } from "./client.ts";

/** For the failure of reading or writing a file: usage, with the file and the code of the system. */
export const unusable =
  (file: string) =>
  (error: unknown): never => {
    const code = (error as { code?: unknown } | null)?.code;
    throw new ClientError(
      `${file} cannot be used (${typeof code === "string" ? code : "no file"})`,
    );
  };

/** Writes what was asked for to where it was asked; a {@link ClientError} where that cannot be written. */
export async function writeTo(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch(unusable(file));
}
