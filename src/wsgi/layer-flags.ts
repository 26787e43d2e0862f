/** Flags of the layer for handlers of charms, and what each says. */
export const LAYER_FLAGS: Readonly<Record<string, string>> = {
  'wsgi.source.available':
    "Set by the charm's handlers, in every hook if they like: look at the code in application_root. Cleared once it was looked at",
  'wsgi.system.ready': 'The Debian packages are installed and the user is there',
  'wsgi.configured': 'All that the application needs was made at least once, or it serves',
  'wsgi.ready': 'All that is wanted is there: source, requirements, databases, environment',
  'wsgi.active': 'The service serves',
  'wsgi.available': 'The service serves; set after the status line of the layer, so that yours wins',
  'website.available': 'A proxy is related by `website`',
  'resources.build.available':
    'The `build` resource is unpacked in application_root; cleared and set again for new content',
  'resources.build.missing': 'No `build` resource was attached',
};
