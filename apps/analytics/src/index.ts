export { bundledDefinitions, type BundledDefinitionsOptions } from './bundled-definitions';
export {
  joinStateMachine,
  type JoinStateMachineOptions,
  type RunInput,
} from './joins/join-state-machine';
export type { State, StateMachine } from './joins/state-machine';
