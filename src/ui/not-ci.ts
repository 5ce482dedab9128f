/**
 * Ink looks for these variables when it is imported, and then draws nothing before it exits. The dashboard only starts on a
 * terminal, also where a terminal is opened inside CI. Must be imported before Ink.
 */
delete process.env['CI'];
delete process.env['CONTINUOUS_INTEGRATION'];
