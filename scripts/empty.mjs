// Stands in for react-devtools-core, which Ink imports only while it is developed itself.
// biome-ignore lint/style/noDefaultExport: Ink imports the default
export default {};
