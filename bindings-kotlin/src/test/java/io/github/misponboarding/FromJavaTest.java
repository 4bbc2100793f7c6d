package io.github.misponboarding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.misponboarding.examples.JdbcStore;
import io.github.misponboarding.testing.ManualClock;
import io.github.misponboarding.testing.StoreConformance;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What Java sees otherwise than Kotlin: constructors, lambdas, sealed classes, functions without a class. */
class FromJavaTest {
    private static final Instant BEGIN = Instant.parse("2026-01-15T12:00:00Z");
    private static final Actor ADMIN = new Actor("ana", List.of(Role.PARTNER_ADMIN));

    private static void createBank(Onboarding onboarding) {
        onboarding.createPartner(
                ADMIN, new NewPartner("bank", "Example Bank", "1 Harbor Street", "+1 (555) 0100", "bank@example.org"));
    }

    private static String about(Finding finding) {
        if (finding instanceof Finding.OfCertificate certificate) {
            return certificate.getCertificate().getSubject();
        } else if (finding instanceof Finding.OfPath path) {
            return "path: " + path.getPath().getFailure().getFault();
        }
        return assertInstanceOf(Finding.OfFile.class, finding).getRequired();
    }

    @Test
    void findingsAreToldApartByTheirClass() {
        try (TestPki pki = new TestPki(BEGIN);
                Onboarding onboarding = Onboarding.inMemory(new Rules(), new ManualClock(BEGIN))) {
            createBank(onboarding);
            byte[] nothing = "nothing".getBytes(StandardCharsets.UTF_8);
            Finding unreadable = onboarding.inspectCertificate(ADMIN, "bank", nothing).getFindings().get(0);
            assertEquals("certificate.unreadable_file", unreadable.getCode());
            assertEquals(unreadable.getRequired(), about(unreadable));
            assertTrue(unreadable.isError() && unreadable.getText().startsWith("error "), unreadable.getText());

            List<Finding> findings =
                    onboarding.inspectCertificate(ADMIN, "bank", pki.issue("Other", null, null)).getFindings();
            List<String> abouts = findings.stream().map(FromJavaTest::about).toList();
            assertEquals(2, findings.size(), abouts.toString());
            assertTrue(abouts.contains("path: MISSING_ISSUER"), abouts.toString());
            assertTrue(abouts.stream().anyMatch(about -> about.contains("O=Other")), abouts.toString());
            assertEquals(List.of(Severity.ERROR, Severity.ERROR), findings.stream().map(Finding::getSeverity).toList());
        }
    }

    @Test
    void aStoreIsMovedWithALambdaThatIsTold() {
        try (Onboarding old = Onboarding.inMemory(new Rules(), () -> BEGIN);
                Onboarding other = Onboarding.open("sqlite://")) {
            createBank(old);
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            List<Long> told = new ArrayList<>();
            TransferCounts exported = Transfer.export(
                    old, file, BEGIN, progress -> told.add(progress.getDone().getTotal()));
            assertEquals(exported.getTotal(), told.get(told.size() - 1));
            assertEquals(exported, Transfer.verify(new ByteArrayInputStream(file.toByteArray())));
            Imported imported = Transfer.importFrom(other, new ByteArrayInputStream(file.toByteArray()));
            assertEquals(exported, imported.getAdded());
            assertEquals(old.partner(ADMIN, "bank"), other.partner(ADMIN, "bank"));

            ByteArrayInputStream cut = new ByteArrayInputStream(file.toByteArray(), 0, file.size() / 2);
            TransferException.Cut failed = assertThrows(TransferException.Cut.class, () -> Transfer.verify(cut));
            assertEquals("transfer.cut", failed.getCode());
        }
    }

    @Test
    void aStoreOfJavaIsOneLikeAnyOther() {
        try (JdbcStore jdbc = new JdbcStore("jdbc:sqlite::memory:");
                Onboarding onboarding = new Onboarding(through(jdbc))) {
            createBank(onboarding);
            assertEquals(PartnerState.INACTIVE, onboarding.partner(ADMIN, "bank").getState());
            jdbc.close();
            OnboardingException.StoreFailed failed =
                    assertThrows(OnboardingException.StoreFailed.class, () -> onboarding.partner(ADMIN, "bank"));
            assertInstanceOf(java.sql.SQLException.class, failed.getCause());
        }
        List<ConformanceOutcome> outcomes =
                StoreConformance.report(() -> through(new JdbcStore("jdbc:sqlite::memory:")));
        assertTrue(outcomes.stream().allMatch(outcome -> outcome.getFailure() == null), outcomes.toString());
    }

    /** As in a store of Java, whose methods may not throw checked exceptions: those are the cause of one that is unchecked. */
    private static Store through(Store store) {
        return (Store) Proxy.newProxyInstance(
                FromJavaTest.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException thrown) {
                        Throwable cause = thrown.getCause();
                        throw cause instanceof StoreException ? cause : new StoreException.Backend(cause);
                    }
                });
    }

    @Test
    void functionsAreMethodsOfAClass() {
        assertEquals("strasse", MispOnboarding.foldCase("STRAßE"));
        try (TestPki pki = new TestPki(BEGIN)) {
            byte[] leaf = pki.issue("Example Bank", null, null);
            VerifiedPath path = MispOnboarding.verifyPath(
                    leaf, List.of(pki.rootPem()), new PathOptions(BEGIN), List.of(pki.issuingPem()));
            assertEquals(3, path.getLeafToRoot().size());
        }
    }
}
