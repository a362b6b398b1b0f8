/** The tools that watch services, one line each. */
import { type Adapter } from "../../domain/signal/signal.ts";
import { grafana } from "./grafana.ts";

export const MONITORING_ADAPTERS: readonly Adapter[] = [grafana];
