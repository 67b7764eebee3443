// What stands beside the words: templates, a file, an emoji.

import { ActionIcon, Button, FileButton, Popover } from "@mantine/core";
import { IconMoodSmile, IconPaperclip } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

type ToolsProps = {
	mayTakeFiles: boolean;
	/** What of files is taken. */
	limits: { inWords: string; accept: string };
	mayTemplate: boolean;
	onTemplate: () => void;
	onFile: (file: File) => void;
	onEmoji: (emoji: string) => void;
};

export function ComposerTools({ mayTakeFiles, limits, mayTemplate, onTemplate, onFile, onEmoji }: ToolsProps) {
	const { t } = useTranslation("desk");
	return (
		<>
			{mayTemplate && (
				<Button size="compact-sm" variant="default" aria-keyshortcuts="/" onClick={onTemplate}>
					{t("templates.open")}
				</Button>
			)}
			{mayTakeFiles && (
				<FileButton accept={limits.accept} onChange={(file) => file !== null && onFile(file)}>
					{(props) => (
						<ActionIcon
							{...props}
							variant="default"
							aria-label={t("attach")}
							aria-description={limits.inWords}
							title={`${t("attach")}. ${limits.inWords}`}
							aria-keyshortcuts="f"
						>
							<IconPaperclip size={16} aria-hidden />
						</ActionIcon>
					)}
				</FileButton>
			)}
			<EmojiButton onEmoji={onEmoji} />
		</>
	);
}

/** Those that are asked for most in service talks; a keyboard or the system's own picker has the others. */
const emojis =
	"😀 😊 😉 😂 🙂 😍 🤔 😐 😕 😢 😭 😡 😱 😅 🙏 👍 👎 👏 👋 🤝 💪 ✌️ 👌 ✅ ❌ ⚠️ ❓ ❗ ⭐ 🎉 ❤️ 💚 💙 🔥 ☀️ 🌧️ 📦 🚚 🏠 📞 ✉️ 📅 ⏰ 💳 🧾 🔧 🔑 🎁".split(
		" ",
	);

function EmojiButton({ onEmoji }: { onEmoji: (emoji: string) => void }) {
	const { t } = useTranslation("desk");
	const [isOpen, setOpen] = useState(false);
	return (
		<Popover opened={isOpen} onChange={setOpen} position="top-start" trapFocus returnFocus>
			<Popover.Target>
				<ActionIcon variant="default" aria-label={t("emoji")} title={t("emoji")} onClick={() => setOpen(!isOpen)}>
					<IconMoodSmile size={16} aria-hidden />
				</ActionIcon>
			</Popover.Target>
			<Popover.Dropdown p="xs" aria-label={t("emoji")}>
				<div className="desk-emojis">
					{emojis.map((emoji) => (
						<ActionIcon
							key={emoji}
							variant="subtle"
							onClick={() => {
								setOpen(false);
								onEmoji(emoji);
							}}
						>
							{emoji}
						</ActionIcon>
					))}
				</div>
			</Popover.Dropdown>
		</Popover>
	);
}
