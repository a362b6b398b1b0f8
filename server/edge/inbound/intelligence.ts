/** Where indicators come from, one line each. */
import { type Adapter } from "../../domain/signal/signal.ts";
import { indicatorCsv } from "./intelligence/indicatorCsv.ts";
import { misp } from "./intelligence/misp.ts";
import { stix } from "./intelligence/stix.ts";

export const INTELLIGENCE_ADAPTERS: readonly Adapter[] = [indicatorCsv, misp, stix];
