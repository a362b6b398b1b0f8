/** Options of the scripts that people call (`npm run …`): a wrong one is told in one line, and ends with exit code 2. */
import { parseArgs, type ParseArgsConfig } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values<T extends Options> = ReturnType<typeof parseArgs<{ options: T }>>["values"];

export function optionsOf<const T extends Options>(options: T): Values<T> {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const [problem] = (error instanceof Error ? error.message : String(error)).split(". ", 1);
    const known = Object.keys(options).map((name) => `--${name}`);
    process.stderr.write(`${problem}; what may be given: ${known.join(", ")}\n`);
    process.exit(2);
  }
}
