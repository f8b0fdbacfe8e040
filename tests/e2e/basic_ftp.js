/* Drives the npm package basic-ftp as test_ftp_client_node.py says:
 * node basic_ftp.js PACKAGE HOST PORT SECURITY WHAT [ARGUMENT…]; prints what it saw as JSON. */
const assert = require("assert")
const { Readable, Writable } = require("stream")
const [, , library, host, port, security, what, ...rest] = process.argv
const { Client, enterPassiveModeIPv4, enterPassiveModeIPv6, FTPError } = require(library)

function sink() {
	const chunks = []
	const stream = new Writable({ write(chunk, _, next) { chunks.push(chunk); next() } })
	stream.bytes = () => Buffer.concat(chunks)
	return stream
}

const DO = {
	async transfers(client, way) {
		if (way === "pasv") client.prepareTransfer = enterPassiveModeIPv4
		if (way === "epsv") client.prepareTransfer = enterPassiveModeIPv6
		await client.downloadTo("down", "down")
		await client.uploadFrom("down", "up")
		await client.downloadTo("part", "down", 1000)
		const got = sink()
		await client.downloadTo(got, "down")
		await client.uploadFrom(Readable.from([got.bytes()]), "streamed")
		await client.appendFrom(Readable.from([Buffer.from("first ")]), "log")
		await client.appendFrom(Readable.from([Buffer.from("second")]), "log")
		for (let number = 0; number < 20; number++)
			await client.uploadFrom("part", "many" + number)
		return { size: await client.size("down") }
	},

	async directories(client) {
		await client.uploadFromDir("tree", "there")
		await client.downloadToDir("back", "there")
		await client.ensureDir("/new/deep/er")
		assert.equal(await client.pwd(), "/new/deep/er")
		await client.cd("/")
		await client.rename("there/plain", "new/moved")
		await client.remove("new/moved")
		await client.remove("none", true)
		await assert.rejects(client.remove("none"), FTPError)
		await assert.rejects(client.downloadTo(sink(), "none"), FTPError)
		await client.removeDir("there")
		await client.removeEmptyDir("new/deep/er")
		await client.cd("new")
		await client.clearWorkingDir()
		await client.cd("..")
		await client.removeDir("new")
		return { left: (await client.list()).map(file => file.name) }
	},

	async listings(client, command) {
		if (command) client.availableListCommands = [command]
		const files = await client.list()
		return {
			files: files.map(file => [file.name, file.size, file.isDirectory]).sort(),
			inside: (await client.list("dir")).map(file => file.name).sort(),
			modified: await client.lastMod("plain"),
			features: [...(await client.features()).keys()],
			noop: (await client.send("NOOP")).code,
		}
	},

	async names(client, ...names) {
		for (const name of names) {
			await client.uploadFrom(Readable.from([Buffer.from(name)]), name)
			const got = sink()
			await client.downloadTo(got, name)
			assert.equal(got.bytes().toString(), name)
			assert.deepEqual((await client.list()).map(file => file.name), [name])
			await client.rename(name, "moved")
			await client.remove("moved")
		}
		return {}
	},
}

async function main() {
	const client = new Client(20000)
	try {
		const secure = { clear: false, implicit: "implicit" }[security] ?? true
		await client.access({ host, port: Number(port), secure })
		console.log(JSON.stringify(await DO[what](client, ...rest)))
	} finally {
		client.close()
	}
}

main().catch(error => { console.error(error); process.exitCode = 1 })
