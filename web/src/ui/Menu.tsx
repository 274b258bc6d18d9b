/** A list of what one can do, under the button that opens it. */

import { Check } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "./cx";

const LINE =
  "flex min-h-7 w-full cursor-pointer select-none items-center gap-2 rounded px-2 py-1 text-left outline-none " +
  "pointer-coarse:min-h-11 data-[highlighted]:bg-accent-wash data-[disabled]:cursor-default data-[disabled]:text-muted";

/** `button` is what opens it: a `Button`. */
export function Menu({
  button,
  children,
  align = "start",
  label,
  onClosed,
}: {
  button: ReactNode;
  children: ReactNode;
  align?: "start" | "end";
  /** Its name for those who hear it, where the button's words do not say it. */
  label?: string;
  /** Once the focus goes back to the button: a layer that is opened then keeps it. */
  onClosed?: () => void;
}) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{button}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          {...(onClosed ? { onCloseAutoFocus: onClosed } : {})}
          {...(label ? { "aria-label": label, "aria-labelledby": undefined } : {})}
          className="z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-44 max-w-80 overflow-auto rounded-md border border-line bg-raised p-1 shadow-float"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export function MenuItem({
  children,
  icon,
  keys,
  danger,
  disabled,
  onSelect,
  asChild,
}: {
  children: ReactNode;
  icon?: ReactNode;
  /** The key that does the same. */
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  onSelect?: () => void;
  /** Its only child is the line itself: a link. */
  asChild?: boolean;
}) {
  return (
    <DropdownMenu.Item
      {...(asChild ? { asChild } : {})}
      {...(onSelect ? { onSelect } : {})}
      disabled={disabled ?? false}
      className={cx(LINE, danger && "text-danger")}
    >
      {asChild ? (
        children
      ) : (
        <>
          {icon}
          <span className="min-w-0 flex-1 truncate">{children}</span>
          {keys && <kbd className="font-sans text-muted text-sm">{keys}</kbd>}
        </>
      )}
    </DropdownMenu.Item>
  );
}

/** One of several, of which one holds. */
export function MenuChoices<T extends string>({
  label,
  value,
  choices,
  onChange,
}: {
  label: string;
  value: T;
  choices: readonly { value: T; text: string }[];
  onChange: (value: T) => void;
}) {
  return (
    <>
      <DropdownMenu.Label className="px-2 pt-1.5 pb-0.5 text-muted text-sm">{label}</DropdownMenu.Label>
      <DropdownMenu.RadioGroup value={value} onValueChange={(chosen) => onChange(chosen as T)}>
        {choices.map((one) => (
          <DropdownMenu.RadioItem key={one.value} value={one.value} className={LINE}>
            <span className="min-w-0 flex-1 truncate">{one.text}</span>
            <DropdownMenu.ItemIndicator>
              <Check aria-hidden className="size-3.5" />
            </DropdownMenu.ItemIndicator>
          </DropdownMenu.RadioItem>
        ))}
      </DropdownMenu.RadioGroup>
    </>
  );
}

/** One that is on or off; the menu stays open. */
export function MenuSwitch({
  children,
  on,
  onChange,
}: {
  children: ReactNode;
  on: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <DropdownMenu.CheckboxItem
      checked={on}
      onCheckedChange={onChange}
      onSelect={(event) => event.preventDefault()}
      className={LINE}
    >
      <span className="min-w-0 flex-1 truncate">{children}</span>
      <DropdownMenu.ItemIndicator>
        <Check aria-hidden className="size-3.5" />
      </DropdownMenu.ItemIndicator>
    </DropdownMenu.CheckboxItem>
  );
}

export function MenuLine() {
  return <DropdownMenu.Separator className="my-1 h-px bg-line" />;
}
