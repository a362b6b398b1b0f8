/** The tools that watch spending, one line each. */
import { type Adapter } from "../../domain/signal/signal.ts";
import { awsBudgets } from "./cost/awsBudgets.ts";
import { awsCostAnomaly } from "./cost/awsCostAnomaly.ts";
import { azureBudget } from "./cost/azureBudget.ts";
import { gcpBudget } from "./cost/gcpBudget.ts";

export const COST_ADAPTERS: readonly Adapter[] = [
  awsBudgets,
  awsCostAnomaly,
  azureBudget,
  gcpBudget,
];
