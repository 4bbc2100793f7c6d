import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Validates the benchmark's certificates with Java's PKIX, as MOSIP's keymanager does: see
 * src/contender/process.rs for the protocol.
 */
public final class Pkix {
    private static final class Scenario {
        private final CertificateFactory factory = CertificateFactory.getInstance("X.509");
        private final CertPathBuilder builder = CertPathBuilder.getInstance("PKIX");
        private final Set<TrustAnchor> roots = new HashSet<>();
        private final CertStore intermediates;
        private final List<byte[]> leaves = new ArrayList<>();
        private final Date at;

        Scenario(Path folder, Date at) throws GeneralSecurityException, IOException {
            this.at = at;
            for (Certificate root : read(folder.resolve("roots.pem"))) {
                roots.add(new TrustAnchor((X509Certificate) root, null));
            }
            intermediates = CertStore.getInstance(
                    "Collection", new CollectionCertStoreParameters(read(folder.resolve("intermediates.pem"))));
            for (String leaf : Files.readString(folder.resolve("leaves.pem")).split("(?=-----BEGIN)")) {
                leaves.add(leaf.getBytes(StandardCharsets.US_ASCII));
            }
        }

        private Collection<? extends Certificate> read(Path path) throws GeneralSecurityException, IOException {
            return factory.generateCertificates(new ByteArrayInputStream(Files.readAllBytes(path)));
        }

        long validate(int first, int count) throws GeneralSecurityException {
            long start = System.nanoTime();
            for (int place = first; place < first + count; place++) {
                byte[] pem = leaves.get(place % leaves.size());
                X509CertSelector target = new X509CertSelector();
                target.setCertificate(
                        (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(pem)));
                PKIXBuilderParameters parameters = new PKIXBuilderParameters(roots, target);
                parameters.setRevocationEnabled(false);
                parameters.setDate(at);
                parameters.addCertStore(intermediates);
                builder.build(parameters);
            }
            return System.nanoTime() - start;
        }
    }

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        Date at = new Date(Long.parseLong(args[1]) * 1000);
        Map<String, Scenario> scenarios = new HashMap<>();
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            String[] words = line.split(" ");
            try {
                if (!scenarios.containsKey(words[0])) {
                    scenarios.put(words[0], new Scenario(folder.resolve(words[0]), at));
                }
                long time = scenarios.get(words[0])
                        .validate(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
                System.out.println("{\"ns\": " + time + "}");
            } catch (GeneralSecurityException | IOException e) {
                System.out.println("{\"error\": \"" + e.toString().replaceAll("[\"\\\\\\p{Cntrl}]", " ") + "\"}");
            }
        }
    }
}
