/** For esbuild: Ink's link to the React developer tools is in the bundle's output although nothing can load it. */
export const noDevtools = {
  name: 'no-devtools',
  setup: ({ onLoad }) => onLoad({ filter: /ink\/build\/devtools\.js$/ }, () => ({ contents: '' })),
};
