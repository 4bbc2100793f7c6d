import io.github.misponboarding.Actor;
import io.github.misponboarding.GenerateLicenseKey;
import io.github.misponboarding.NewPartner;
import io.github.misponboarding.NewPolicy;
import io.github.misponboarding.NewPolicyGroup;
import io.github.misponboarding.Onboarding;
import io.github.misponboarding.OnboardingException;
import io.github.misponboarding.Role;
import io.github.misponboarding.TestPki;
import io.github.misponboarding.Verdict;
import java.time.Instant;
import java.util.List;

/** From the first CA certificate to a license key that is accepted, in Java. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        // The host has authenticated these two.
        Actor admin = new Actor("ana", List.of(Role.PARTNER_ADMIN));
        Actor manager = new Actor("max", List.of(Role.POLICY_MANAGER));
        // Stands for the country's CA and the partner's file.
        try (TestPki pki = new TestPki(Instant.now());
                Onboarding onboarding = args.length > 0 ? Onboarding.open(args[0]) : Onboarding.inMemory()) {
            onboarding.uploadCaCertificates(admin, "AUTH", pki.caPem());
            NewPartner bank = new NewPartner(
                    "example-bank", "Example Bank", "1 Harbor Street", "+1 (555) 0100", "misp@example.org");
            onboarding.createPartner(admin, bank);
            onboarding.uploadCertificate(admin, bank.getId(), pki.issue("Example Bank", null, null));

            var group = onboarding.createPolicyGroup(manager, new NewPolicyGroup("Banks", "What banks may do"));
            var document = "{\"allowAuthRequestDelegation\": true, \"allowKycRequestDelegation\": false}";
            var policy = onboarding.createPolicy(
                    manager, new NewPolicy(group.getId(), "Sign-in", "Without e-KYC", document));
            onboarding.publishPolicy(manager, policy.getId());
            onboarding.selectPolicyGroup(admin, bank.getId(), group.getId());
            var link = onboarding.requestPolicy(admin, bank.getId(), policy.getId(), "for online banking");
            onboarding.approvePolicyLink(admin, link.getId(), null);

            var command = new GenerateLicenseKey(bank.getId(), "production", policy.getId());
            String presented;
            try (var generated = onboarding.generateLicenseKey(admin, command)) {
                presented = generated.getKey().reveal();
            }

            Verdict verdict = onboarding.authenticate(presented);
            if (verdict instanceof Verdict.Authorized authorized) {
                System.out.println("authorized " + authorized.getAuthorization().getPartner());
            } else if (verdict instanceof Verdict.Refused refused) {
                System.out.println("refused " + refused.getCode());
            }
            try {
                onboarding.partner(admin, "nobody");
            } catch (OnboardingException.PartnerNotFound missing) {
                System.out.println(missing.getCode() + ": " + missing.getId());
            }
        }
    }
}
