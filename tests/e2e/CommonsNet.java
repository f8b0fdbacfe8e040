/* Drives commons-net's FTPClient against a server, as test_ftp_client_java.py says:
 * CommonsNet HOST PORT SECURITY WHAT [ARGUMENT…]. Prints what it saw, and ends
 * with a stack trace when the server does not do as it should. */

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.commons.net.ftp.FTP;
import org.apache.commons.net.ftp.FTPClient;
import org.apache.commons.net.ftp.FTPFile;
import org.apache.commons.net.ftp.FTPListParseEngine;
import org.apache.commons.net.ftp.FTPSClient;

public class CommonsNet {
	private static FTPClient ftp;

	private static void need(boolean held, String what) {
		if (!held)
			throw new AssertionError(what + ": " + ftp.getReplyString());
	}

	private static byte[] get(String name) throws Exception {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		need(ftp.retrieveFile(name, bytes), "RETR " + name);
		return bytes.toByteArray();
	}

	private static void put(String name, byte[] bytes) throws Exception {
		need(ftp.storeFile(name, new ByteArrayInputStream(bytes)), "STOR " + name);
	}

	private static void choose(String way) throws Exception {
		if (way.equals("active")) {
			ftp.enterLocalActiveMode();
		} else {
			ftp.enterLocalPassiveMode();
			ftp.setUseEPSVwithIPv4(way.equals("epsv"));
		}
	}

	private static void transfers(String way) throws Exception {
		choose(way);
		ftp.setFileType(FTP.BINARY_FILE_TYPE);
		byte[] data = Files.readAllBytes(Path.of("data"));
		need(Arrays.equals(get("down"), data), "bytes of down");
		put("up", data);
		ftp.setRestartOffset(1000);
		need(Arrays.equals(get("down"), Arrays.copyOfRange(data, 1000, data.length)), "REST");
		need(ftp.appendFile("log", new ByteArrayInputStream("first ".getBytes())), "APPE");
		need(ftp.appendFile("log", new ByteArrayInputStream("second".getBytes())), "APPE");
		need(ftp.storeUniqueFile("log", new ByteArrayInputStream("unique".getBytes())), "STOU");
		try (OutputStream out = ftp.storeFileStream("streamed")) {
			out.write(data);
		}
		need(ftp.completePendingCommand(), "after storeFileStream");
		try (InputStream in = ftp.retrieveFileStream("streamed")) {
			need(Arrays.equals(in.readAllBytes(), data), "streamed");
		}
		need(ftp.completePendingCommand(), "after retrieveFileStream");
		ftp.setFileType(FTP.ASCII_FILE_TYPE);
		byte[] text = Files.readAllBytes(Path.of("text"));
		need(Arrays.equals(get("text"), text), "ASCII down");
		put("text up", text);
	}

	private static void names() throws Exception {
		need(ftp.makeDirectory("new"), "MKD");
		need(ftp.changeWorkingDirectory("new"), "CWD");
		need(ftp.printWorkingDirectory().equals("/new"), "PWD");
		need(ftp.makeDirectory("quo\"te"), "MKD");
		need(ftp.changeWorkingDirectory("quo\"te"), "CWD");
		need(ftp.printWorkingDirectory().equals("/new/quo\"te"), "PWD with quotes");
		need(ftp.changeToParentDirectory(), "CDUP");
		need(ftp.removeDirectory("quo\"te"), "RMD");
		for (String name : new String[] {"two words", "\u6587\u4ef6 \u00fc", "hash#tag", "[x]", "%41"}) {
			put(name, name.getBytes("UTF-8"));
			need(Arrays.equals(get(name), name.getBytes("UTF-8")), name);
			need(ftp.listNames().length == 1, "NLST with " + name);
			need(ftp.listNames()[0].equals(name), "NLST of " + name);
			need(ftp.mlistDir(".")[0] != null, "MLSD");
			need(ftp.rename(name, "moved"), "RNFR");
			need(ftp.deleteFile("moved"), "DELE");
		}
		need(!ftp.deleteFile("none") && ftp.getReplyCode() == 550, "DELE of nothing");
		need(!ftp.changeWorkingDirectory("none"), "CWD to nothing");
		need(ftp.changeWorkingDirectory("/"), "CWD /");
		need(ftp.removeDirectory("new"), "RMD");
	}

	private static void listings() throws Exception {
		for (FTPFile file : ftp.listFiles())
			System.out.println("LIST " + file.getName() + " " + file.getSize() + " " + file.isDirectory());
		for (FTPFile file : ftp.mlistDir())
			if (!file.getName().startsWith("."))
				System.out.println("MLSD " + file.getName() + " " + file.getSize() + " "
					+ file.isDirectory() + " " + file.getTimestamp().toInstant());
		System.out.println("MLST " + ftp.mlistFile("down").getSize());
		FTPListParseEngine engine = ftp.initiateListParsing("many");
		int count = 0;
		while (engine.hasNext())
			count += engine.getNext(100).length;
		System.out.println("many " + count);
		ftp.setFileType(FTP.BINARY_FILE_TYPE);
		System.out.println("SIZE " + ftp.getSize("down"));
		System.out.println("MDTM " + ftp.getModificationTime("down"));
		need(ftp.setModificationTime("down", "20020202020202"), "MFMT");
		need(ftp.sendSiteCommand("CHMOD 600 down"), "SITE CHMOD");
		need(ftp.features() && ftp.hasFeature("MLST") && ftp.hasFeature("REST", "STREAM"), "FEAT");
		System.out.println("SYST " + ftp.getSystemType());
		need(ftp.getStatus() != null && ftp.getStatus("down") != null, "STAT");
		need(ftp.listHelp() != null, "HELP");
		need(ftp.sendNoOp(), "NOOP");
		need(ftp.allocate(1000), "ALLO");
	}

	private static void abort() throws Exception {
		ftp.setFileType(FTP.BINARY_FILE_TYPE);
		for (int turn = 0; turn < 3; turn++) {
			InputStream in = ftp.retrieveFileStream("big");
			need(in != null, "RETR big");
			in.read(new byte[1000]);
			ftp.abort();
			in.close();
			while (ftp.getReplyCode() != 226)
				ftp.completePendingCommand();
			need(ftp.sendNoOp(), "NOOP after ABOR");
		}
		byte[] data = Files.readAllBytes(Path.of("data"));
		need(Arrays.equals(get("down"), data), "bytes of down after ABOR");
	}

	public static void main(String[] arguments) throws Exception {
		boolean clear = arguments[2].equals("clear");
		ftp = clear ? new FTPClient() : new FTPSClient(arguments[2].equals("implicit"));
		ftp.setAutodetectUTF8(true);
		ftp.setDefaultTimeout(20000);
		ftp.setDataTimeout(java.time.Duration.ofSeconds(20));
		ftp.connect(arguments[0], Integer.parseInt(arguments[1]));
		ftp.setSoTimeout(20000);
		need(ftp.login("anonymous", "me@"), "login");
		if (!clear) {
			((FTPSClient) ftp).execPBSZ(0);
			((FTPSClient) ftp).execPROT("P");
		}
		ftp.enterLocalPassiveMode();
		switch (arguments[3]) {
		case "transfers" -> transfers(arguments[4]);
		case "names" -> names();
		case "listings" -> listings();
		case "abort" -> abort();
		default -> throw new IllegalArgumentException(arguments[3]);
		}
		need(ftp.logout(), "QUIT");
		ftp.disconnect();
		System.out.println("done");
	}
}
