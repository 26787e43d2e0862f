import { blocked } from '../status.ts';

type Render = (context: unknown, options?: object) => string;

/**
 * Wraps a template that the charm's author put in place of the layer's.
 *
 * @param name its file name
 * @returns a function that throws a Problem where the template throws, so that the unit is blocked with the reason and serves on
 */
export function authored(name: string, render: Render): Render {
  return (context, options) => {
    try {
      return render(context, options);
    } catch (error) {
      return blocked(`templates/${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}
