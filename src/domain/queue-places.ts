// Places in a queue, as they are told to who waits.

/**
 * So far places are told exactly. All places behind it are told as the next one, which means that at least so many are
 * before: so one who leaves the queue moves no more than so many.
 */
export const exactMax = 100;
