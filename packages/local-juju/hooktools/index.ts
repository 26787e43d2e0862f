/** Juju's hook tools as functions of a described world, without processes: what a unit's tools print, and what they change. */
export { runHookTool, toolNames } from './hook-tool.ts';
export { parsePortRange, showRange } from './ports.ts';
export * from './world.ts';
