/** The tools that change what runs, one line each. */
import { type Adapter } from "../../domain/signal/signal.ts";
import { argo } from "./change/argo.ts";
import { github } from "./change/github.ts";
import { gitlab } from "./change/gitlab.ts";
import { jenkins } from "./change/jenkins.ts";
import { kubernetesObject } from "./change/kubernetesObject.ts";
import { kubewatch } from "./change/kubewatch.ts";

export const CHANGE_ADAPTERS: readonly Adapter[] = [
  argo,
  github,
  gitlab,
  jenkins,
  kubernetesObject,
  kubewatch,
];
