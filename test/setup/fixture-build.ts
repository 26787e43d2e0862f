/** Builds of the applications in test/fixtures, with the wheels of their requirements in them. */
import { join } from 'node:path';
import { wheelsFor } from '../servers/wheels.ts';
import { archiveOf } from './wsgi-model.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');

/** Where the provider charms are. */
export const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples');

/** What the charm needs to be told of such a build. */
export const FROM_WHEELS = { pip_cache_dir: 'wheels' } as const;

/**
 * @param label of the build; the name of the application unless given
 * @returns path of an archive, to be given as the resource `build`
 */
export async function fixtureBuild(
  name: 'django-celery' | 'django-rows' | 'flask-mongo' | 'flask-rq' | 'flask-services' | 'flask-stores',
  label: string = name,
): Promise<string> {
  const wheels = await wheelsFor(join(FIXTURES, name, 'requirements.txt'));
  return archiveOf({ BUILD_LABEL: label }, 'build.tar.gz', { '.': join(FIXTURES, name), wheels });
}
