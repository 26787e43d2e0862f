/** config-get */

import { GoFloat } from './go-value.ts';
import { boolFlag, checkEmpty, type GoValue, type Invocation, parseWithFormat, print, ToolError } from './tool.ts';
import type { OptionView } from './world.ts';

export function configGet(run: Invocation): void {
  const all = boolFlag();
  const { rest, format } = parseWithFormat(run, { a: all.flag, all: all.flag });
  const [key = '', ...more] = rest;
  if (key !== '' && all.on)
    throw new ToolError(2, `cannot use argument --all together with key ${JSON.stringify(key)}`);
  checkEmpty(more);
  const { options } = run.world;
  if (key !== '') {
    print(run, format, Object.hasOwn(options, key) ? optionValue(options[key]) : null);
    return;
  }
  const shown = Object.entries(options).filter(([, option]) => all.on || option.value !== null);
  print(run, format, Object.fromEntries(shown.map(([name, option]) => [name, optionValue(option)])));
}

function optionValue(option: OptionView | undefined): GoValue {
  if (option === undefined) return null;
  return option.type === 'float' && typeof option.value === 'number' ? new GoFloat(option.value) : option.value;
}
