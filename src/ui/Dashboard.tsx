import { Box, useInput } from 'ink';
import type { ReactNode } from 'react';
import { keyNames } from './keys.ts';
import { Lines } from './Line.tsx';
import type { Theme } from './theme.ts';
import type { View } from './view.ts';

/** A frame, and the keys pressed while it is seen. */
export function Dashboard(props: {
  readonly view: View;
  readonly columns: number;
  readonly theme: Theme;
  readonly hasKeyboard: boolean;
  /** Gets one name of `keyNames` at a time. */
  readonly onKey: (key: string) => void;
}): ReactNode {
  const { view, columns, theme, hasKeyboard, onKey } = props;
  useInput((input, key) => keyNames(input, key).forEach(onKey), { isActive: hasKeyboard });
  return (
    <Box flexDirection="column" width={columns}>
      <Lines contents={view.lines} width={columns} theme={theme} />
    </Box>
  );
}
