// Where one is on a way of several steps. What lies behind can be gone back to.

import { Text, UnstyledButton } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import "./steps.css";

export type Step = { key: string; label: string };

type StepsProps = {
	label: string;
	steps: readonly Step[];
	current: string;
	/** Undefined: one cannot go there now. */
	goTo: (key: string) => (() => void) | undefined;
};

export function Steps({ label, steps, current, goTo }: StepsProps) {
	const here = steps.findIndex(({ key }) => key === current);
	return (
		<nav aria-label={label}>
			<ol className="steps">
				{steps.map(({ key, label: name }, index) => {
					const go = index === here ? undefined : goTo(key);
					const isDone = index < here;
					const content = (
						<>
							<span className="step-mark" aria-hidden>
								{isDone ? <IconCheck size={14} /> : index + 1}
							</span>
							<Text span size="sm" fw={index === here ? 700 : 400} className="step-name">
								{name}
							</Text>
						</>
					);
					return (
						<li
							key={key}
							className={isDone ? "step is-done" : "step"}
							aria-current={index === here ? "step" : undefined}
						>
							{go === undefined ? (
								<span className="step-inner">{content}</span>
							) : (
								<UnstyledButton className="step-inner" onClick={go}>
									{content}
								</UnstyledButton>
							)}
						</li>
					);
				})}
			</ol>
		</nav>
	);
}
