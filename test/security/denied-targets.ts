// Targets that nobody may reach through Parley unless the operator lists them, in all the spellings that URLs, resolvers
// and socket calls have been fooled with. Addresses × forms, names, and URLs that say one thing and mean another.

/** Loopback, private, shared, link-local and metadata services, reserved, multicast, documentation. */
export const deniedIpv4 = [
	"127.0.0.1",
	"127.8.9.10",
	"127.255.255.254",
	"0.0.0.0",
	"0.1.2.3",
	"10.0.0.1",
	"10.255.255.254",
	"172.16.0.1",
	"172.31.255.254",
	"192.168.1.1",
	"100.64.0.1",
	"100.100.100.200", // Alibaba Cloud's metadata.
	"169.254.169.254", // Metadata of AWS, Azure, Google, OpenStack.
	"169.254.170.2", // Credentials of AWS ECS.
	"192.0.0.192", // Metadata of Oracle Cloud.
	"192.0.2.1",
	"198.18.0.1",
	"224.0.0.1",
	"240.0.0.1",
	"255.255.255.255",
] as const;

export const deniedIpv6 = [
	"::1",
	"::",
	"0:0:0:0:0:0:0:1",
	"::0001",
	"fe80::1",
	"febf::1",
	"fec0::1",
	"fc00::1",
	"fd00::1",
	"fd00:ec2::254", // Metadata of AWS by IPv6.
	"fd20:ce::254", // Metadata of Google Cloud by IPv6.
	"ff02::1",
	"ff0e::1",
	"100::1",
	"2001::1",
	"2001:db8::1",
	"2001:10::1",
	"2001:20::1",
	"2001:2::1",
	"2002::1",
	"64:ff9b::",
	"64:ff9b:1::1",
	"::ffff:0:127.0.0.1",
	"5f00::1",
	"4000::1",
] as const;

type Form = (bytes: readonly [number, number, number, number]) => string;

const dotted: Form = (bytes) => bytes.join(".");
const whole = ([a, b, c, d]: readonly number[]): number =>
	(a ?? 0) * 2 ** 24 + (b ?? 0) * 2 ** 16 + (c ?? 0) * 256 + (d ?? 0);
const hex = (value: number, width = 0): string => value.toString(16).padStart(width, "0");
const groups: Form = ([a, b, c, d]) => `${hex(a * 256 + b)}:${hex(c * 256 + d)}`;
const withDigits = (text: string, zero: number): string =>
	text.replaceAll(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));

/** Spellings of an IPv4 address as the host of a URL. */
const ipv4Forms: readonly Form[] = [
	dotted,
	(bytes) => `${dotted(bytes)}.`,
	(bytes) => String(whole(bytes)),
	(bytes) => `0x${hex(whole(bytes), 8)}`,
	(bytes) => `0X${hex(whole(bytes), 8).toUpperCase()}`,
	(bytes) => `0${whole(bytes).toString(8)}`,
	(bytes) => `000000${whole(bytes).toString(8)}`,
	(bytes) => bytes.map((byte) => `0${byte.toString(8)}`).join("."),
	(bytes) => bytes.map((byte) => `00000${byte.toString(8)}`).join("."),
	(bytes) => bytes.map((byte) => `0x${hex(byte)}`).join("."),
	([a, b, c, d]) => `0x${hex(a)}.0${b.toString(8)}.${c}.0x${hex(d, 6)}`,
	([a, b, c, d]) => `${a}.${b}.${c * 256 + d}`,
	([a, b, c, d]) => `${a}.${b * 65_536 + c * 256 + d}`,
	([a, b, c, d]) => `0x${hex(a)}.0x${hex(b * 65_536 + c * 256 + d)}`,
	(bytes) => dotted(bytes).replaceAll(".", "%2e"),
	(bytes) =>
		dotted(bytes)
			.replaceAll(".", "%2E")
			.replace(/\d/, (digit) => `%3${digit}`),
	(bytes) => dotted(bytes).replaceAll(".", "\u3002"),
	(bytes) => dotted(bytes).replaceAll(".", "\uFF0E"),
	(bytes) => dotted(bytes).replaceAll(".", "\uFF61"),
	(bytes) => withDigits(dotted(bytes), 0xff_10),
	(bytes) => withDigits(dotted(bytes), 0x1_d7_ce),
	(bytes) => dotted(bytes).replace(".", "\u00AD."),
	(bytes) => dotted(bytes).replace(".", "\u200B."),
	(bytes) => `[::ffff:${dotted(bytes)}]`,
	(bytes) => `[::ffff:${groups(bytes)}]`,
	(bytes) => `[0:0:0:0:0:FFFF:${groups(bytes).toUpperCase()}]`,
	(bytes) => `[::${dotted(bytes)}]`,
	(bytes) => `[::${groups(bytes)}]`,
	(bytes) => `[64:ff9b::${dotted(bytes)}]`,
	(bytes) => `[64:ff9b:1::${groups(bytes)}]`,
	(bytes) => `[2002:${groups(bytes)}::]`,
	(bytes) => `[2002:${groups(bytes)}::1]`,
	([a, b, c, d]) => `[2001:0:1:2:3:4:${hex(255 - a)}${hex(255 - b, 2)}:${hex(255 - c)}${hex(255 - d, 2)}]`,
	(bytes) => `[fe80::5efe:${groups(bytes)}]`,
];

/** Spellings as a resolver may give them, which no URL parser has looked at. */
const answerForms: readonly Form[] = [
	dotted,
	(bytes) => `::ffff:${dotted(bytes)}`,
	(bytes) => `::${dotted(bytes)}`,
	(bytes) => `64:ff9b::${dotted(bytes)}`,
	(bytes) => `2002:${groups(bytes)}::`,
];

/** Names that mean something inside: each is looked up by nobody, or leads to an address that is denied. */
const deniedNames = [
	"localhost",
	"LOCALHOST",
	"localhost.",
	"localhost.localdomain",
	"a.localhost",
	"a.b.localhost.",
	"ip6-localhost",
	"loopback",
	"broadcasthost",
	"host",
	"db",
	"postgres",
	"redis",
	"printer.local",
	"printer.local.",
	"router.lan",
	"wiki.intranet",
	"nas.home.arpa",
	"metadata",
	"metadata.google.internal",
	"metadata.google.internal.",
	"METADATA.GOOGLE.INTERNAL",
	"metadata.azure.internal",
	"instance-data.ec2.internal",
	"kubernetes.default.svc.cluster.local",
	"host.docker.internal",
	"gateway.docker.internal",
	"host.containers.internal",
	"vault.internal",
	"127.0.0.1.rebind.example",
	"7f000001.rebind.example",
	"inside.example",
	"xn--inside-9ta.example",
	"\u24DB\u24DE\u24D2\u24D0\u24DB\u24D7\u24DE\u24E2\u24E3",
	"local\u00ADhost",
	"loc%61lhost",
	"localhost%00.example",
	"localhost%2e",
	"LocalHost%20",
] as const;

/** URLs that look like another place, another protocol, or like no URL. `PORT` is where a sentinel listens. */
const oddUrls = [
	"http://api.example@127.0.0.1:PORT/",
	"https://api.example:443@127.0.0.1/",
	"https://api.example%40@127.0.0.1/",
	"https://:@127.0.0.1/",
	"https://@127.0.0.1/",
	"https://user@[::1]/",
	"https://127.0.0.1\\@api.example/",
	"https://127.0.0.1\\\\@api.example/",
	"https://127.0.0.1#@api.example/",
	"https://127.0.0.1?@api.example/",
	"https://127.0.0.1;api.example/",
	"https://api.example\\@127.0.0.1/",
	"https:\\\\127.0.0.1\\",
	"https:127.0.0.1",
	"https:/127.0.0.1/",
	"https:///127.0.0.1/",
	"https:////127.0.0.1/",
	"http:127.0.0.1:PORT",
	"HTTP://127.0.0.1:PORT/",
	"hTtPs://127.0.0.1/",
	" https://127.0.0.1/",
	"\thttps://127.0.0.1/",
	"\u0000https://127.0.0.1/",
	"https://127.0.0.1/ ",
	"ht\ntps://127.0.0.1/",
	"https://127.0\t.0.1/",
	"https://127.0.0\r\n.1/",
	"https://127.0.0.1\r\nHost: api.example/",
	"https://127.0.0.1/%0d%0aHost:%20api.example",
	"http://127.0.0.1:PORT/\r\nX-Injected: yes\r\n",
	"//127.0.0.1:PORT/",
	"\\\\127.0.0.1:PORT\\",
	"/\\127.0.0.1:PORT",
	"127.0.0.1:PORT",
	"127.0.0.1",
	"localhost:PORT",
	"https://127.0.0.1:22/",
	"https://127.0.0.1:25/",
	"https://127.0.0.1:5432/",
	"https://127.0.0.1:6379/",
	"https://127.0.0.1:11211/",
	"https://127.0.0.1:0/",
	"https://127.0.0.1:443/",
	"https://127.0.0.1:0443/",
	"https://127.0.0.1:00080/",
	"https://127.0.0.1:65535/",
	"https://127.0.0.1:65536/",
	"https://127.0.0.1:-1/",
	"https://127.0.0.1:443:80/",
	"https://127.0.0.1:/",
	"https://127.0.0.1.:443/",
	"https://127.0.0.1../",
	"https://[::1%25lo]/",
	"https://[::1%lo]/",
	"https://[fe80::1%25eth0]/",
	"https://[fe80::1%eth0]/",
	"https://[::1].example/",
	"https://[::1/",
	"https://::1/",
	"https://[0:0:0:0:0:ffff:127.0.0.1]/",
	"https://[::ffff:7f00:1]/",
	"https://[::ffff:0x7f000001]/",
	"https://[v1.127.0.0.1]/",
	"https://127.0.0.1.example%2F@localhost/",
	"https://127%E3%80%820%E3%80%820%E3%80%821/",
	"https://0/",
	"https://0x0/",
	"https://00/",
	"https://127.1/",
	"https://127.0.1/",
	"https://0x7f.1/",
	"https://0177.1/",
	"https://2130706433/",
	"https://4294967295/",
	"https://4294967296/",
	"https://99999999999999/",
	"https://127.0.0.1.1/",
	"https://1.2.3.4.5/",
	"https://256.256.256.256/",
	"https://-1/",
	"https:///",
	"https://",
	"http://93.184.215.14/",
	"http://api.example/",
	"http://api.example:8080/",
	"https://api.example:22/",
	"https://api.example:8443/",
	"https://93.184.215.14:5432/",
	"ftp://127.0.0.1/",
	"ftps://127.0.0.1/",
	"sftp://127.0.0.1/",
	"file:///etc/passwd",
	"file://127.0.0.1/etc/passwd",
	"gopher://127.0.0.1:PORT/_GET%20/",
	"dict://127.0.0.1:PORT/info",
	"ldap://127.0.0.1:PORT/",
	"ldaps://127.0.0.1/",
	"tftp://127.0.0.1/x",
	"jar:http://127.0.0.1:PORT/!/",
	"netdoc:///etc/passwd",
	"smb://127.0.0.1/share",
	"ws://127.0.0.1:PORT/",
	"wss://127.0.0.1/",
	"unix:/var/run/docker.sock",
	"http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
	"unix://var/run/docker.sock",
	"blob:https://127.0.0.1/x",
	"data:text/plain,hello",
	"javascript:fetch('http://127.0.0.1')",
	"about:blank",
	"view-source:https://127.0.0.1/",
	"http2://127.0.0.1:PORT/",
	"https+insecure://127.0.0.1/",
	"",
	" ",
	"https",
	"null",
	"undefined",
] as const;

function bytesOf(address: string): readonly [number, number, number, number] {
	const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
	return [a, b, c, d];
}

/** Every host that is denied, as it stands in a URL. */
const deniedHosts: readonly string[] = [
	...deniedIpv4.flatMap((address) => ipv4Forms.map((form) => form(bytesOf(address)))),
	...deniedIpv6.map((address) => `[${address}]`),
	...deniedNames,
];

/** @param port where a sentinel listens: by HTTP there, by HTTPS at the usual port, which any public host may have */
export function deniedUrls(port: number): readonly string[] {
	const byHost = deniedHosts.flatMap((host, index) => [
		`https://${host}/`,
		index % 2 === 0 ? `http://${host}:${port}/` : `https://${host}:${index % 4 === 1 ? 80 : port}/`,
	]);
	return [...new Set([...byHost, ...oddUrls.map((url) => url.replaceAll("PORT", String(port)))])];
}

/** What a name server may answer with and must not lead us to. */
export const deniedAnswers: readonly string[] = [
	...deniedIpv4.flatMap((address) => answerForms.map((form) => form(bytesOf(address)))),
	...deniedIpv6,
	"fe80::1%lo",
	"fe80::1%eth0",
	"::1%lo",
	"127.0.0.1%lo",
	"localhost",
	"0x7f000001",
	"2130706433",
	"0177.0.0.1",
	"127.1",
	"",
	" 127.0.0.1",
	"[::1]",
];
