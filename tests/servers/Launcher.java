import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/**
 * A MongoDB server for tests, where there is no mongod.
 *
 * <pre>java -cp 'LIB/*' Launcher.java [PORT] [--h2 FILE] [--tls KEY CERTIFICATE] [--while PID]</pre>
 *
 * Listens on 127.0.0.1, on a free port unless one is given, prints `listening on PORT` once it accepts connections,
 * and ends on SIGTERM. Its data are in memory; with `--h2` they are in a file, and there again after a restart.
 * The key is PKCS#8 (RSA), key and certificate are PEM. With `--while` it also ends when that process does, however
 * that comes about.
 */
final class Launcher {

    /** The built-in versions report a wire version that today's drivers refuse. */
    private record Version() implements MongoVersion {
        @Override
        public List<Integer> getVersionArray() {
            return List.of(5, 0, 0);
        }

        @Override
        public int getWireVersion() {
            return 13;
        }
    }

    public static void main(String[] args) throws Exception {
        int port = 0;
        MongoBackend backend = null;
        PrivateKey key = null;
        X509Certificate certificate = null;
        ProcessHandle starter = null;
        for (int at = 0; at < args.length; at++) {
            switch (args[at]) {
                case "--h2" -> backend = new H2Backend(args[++at]);
                case "--tls" -> {
                    key = key(Path.of(args[++at]));
                    certificate = certificate(Path.of(args[++at]));
                }
                case "--while" -> starter = process(Long.parseLong(args[++at]));
                default -> port = Integer.parseInt(args[at]);
            }
        }
        if (backend == null) {
            backend = new MemoryBackend();
        }

        MongoServer server = new MongoServer(backend.version(new Version()));
        if (key != null) {
            server.enableSsl(key, null, certificate);
        }
        // Shutting down is what writes the rest of an H2 file.
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        if (starter != null) {
            starter.onExit().thenRun(() -> System.exit(0));
        }
        try {
            server.bind("127.0.0.1", port);
        } catch (RuntimeException error) {
            // Threads that the server has started already would keep the process.
            error.printStackTrace();
            System.exit(1);
        }
        System.out.println("listening on " + server.getLocalAddress().getPort());
    }

    private static ProcessHandle process(long id) {
        return ProcessHandle.of(id).orElseThrow(() -> new IllegalArgumentException("no process " + id));
    }

    private static PrivateKey key(Path file) throws Exception {
        String base64 = Files.readString(file).replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
        return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
    }

    private static X509Certificate certificate(Path file) throws Exception {
        try (InputStream pem = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
        }
    }
}
