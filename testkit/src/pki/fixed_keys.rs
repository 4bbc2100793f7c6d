//! RSA keys of sizes that a library no longer makes, PKCS#8 in base64. They protect nothing.
//!
//! Made with `openssl genrsa 1024 | openssl pkcs8 -topk8 -nocrypt -outform DER | base64`, and the same with 2047.

/// 1,024 bits, half of what is allowed.
pub(super) const RSA_1024: &str = "\
    MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBANzpnRGlUQ3FmkRpE+rAX09tDBVMDyAz7J3pXSm1XDsvjH7NEfa/BFqB\
    NvqMTwJb3leRUG4fIEubtBzwk8wikvla934499x66/I3LV2UOyG3k/62bzcYWF7BKqe0+c9jx/LHguzdo05+0gavd23pX+yRYR9ANDty\
    B3duYJAPvBaNAgMBAAECgYAgSD88ueTLV2oAvz462tvStoPChPfc49mbBeQoWSleOMeWLA+I+EcBlspa+K//Dz/BmimfvgqxIdLDO+DN\
    PuwtIKxlriBJQ8RlHPhl+ZXV5Do7f9qMUPL2L0r2mAcSfmHUvBeajGao7dtUKL2AXDhVLPgG5qmFBorY0RJgKhAoYQJBAPia05FDbSfq\
    QQLSlMl9xrhkdWedNERYPTZbyAfkjgQZ2uYGovtLQ3CYm8+om6UapqehUvhR8JylYxlY0O6TZzkCQQDje+fGNJkhMI3pA4lp8+1D/LqE\
    Tqbcd3rla9bonwnJ2IMFAGbA0WsjfrrS7snhdJNskFq8r5euwrpirzwjJ7X1AkAIyQ/o9kUJQBIEE4UGiddX9NThUIDkWWnwXdX30W/j\
    XTaLInjoAITlmb8H26GEeCiji+PuupaSMpYJ80WO6M6hAkA1hF7gmFs2HbAlE3nufT5ickCHA+HpmApHkvk6PMAWxmL8eD20OxBTh2r4\
    WMkRy1Urg0J1hXHP4Wvr74HcW2lJAkEA3U4C11dd/XF8ptBGRxWbPP0iLTiyvyMqAi/HS2lDoNlw4BL+zBVJMdlKhHs6pX6aErkebvkT\
    80a9xj+bzfsM2g==";

/// 2,047 bits, one less than what is allowed.
pub(super) const RSA_2047: &str = "\
    MIIEugIBADANBgkqhkiG9w0BAQEFAASCBKQwggSgAgEAAoIBAHMm/nboKUu30REc5XES05DgAyRVX9dEOnseKgfLE7OupG9S8waupP0M\
    82wTSSWx4BfpaUpHN422sQ3DDGnv44d7MJknC09OY3Sl+qiFJJeIrxH0W3jp2K1kfwJojKGPZnmPDCdxsPepnRXw+opLt6Jv54cGY9it\
    5wdzXTCFyaNXVQMS3HFcOwAZEVxWAQl5TpYeJUMr4wbvKn+mJ96dpK3tRMi3vOrWPbbPgOcSt27FVP65b2SQ/A9J7tozba7EpRXBbFiZ\
    CBfma10hpzrsZuaZsRlqr5Hu6gVwbUudxMSIAwXaU1LqBYWRk1LacVPhv3EVd4ck/9ZU8Ce8Sx1NR1UCAwEAAQKCAQBcN6oph5sqrDad\
    wcptV2pe50cc3dI3DsjWuD1oqFVK3F2LWZ6Oh2ZR0QFQV9GIgn64J5DOj2IJ93irULysShSo9xrgS8he5qP3UsT+GEJJqIirlEl896ky\
    kvyz7Q5ShAjI6KoPHJlgfVDztVyvTBvv1jZQh+mGKR6PdO/4X+wvBikFLwRXQwtBWqsLTQocm9Lh0L01rzdeLr52vCvXhr8m1XI2d0SY\
    IbUm477VeAsIrQjGk3lYhgHzRtXnbxumZ1JEHGhM+1bdt0k1sHbIn5tTH6pTAmcN+ROly06hlY31zU8zPFu4V2r/fomZEHVgEIAN2IBR\
    tUngwJJLMQoeRIIBAoGBAPSVboFeBFvp+qfK3uStA55vw6h0OLEYvp7T/TLqtzGRoLWh3zJFuW+OiElB7CCXje21nUs+04jwc+B4I3BY\
    A2QtdkQwO8a3wydAveAvWbF1/DBpXl3DEQLWmHt2+tpyxXPP0yp4IJcg6CyXAYMU2hYnCJXBG3hA0vLAoWA+x+41AoGAeIb3e8OvHG0W\
    kS9TdTR0DTo3m22q4hr01vSFBmqSOnaXeabAN2BOeSpwg1w5phM2Jc8+rO/fxsau1XqQHvLOeoF6huAZLunLeR3iSFtcNzE62XfGlAaM\
    uwknaOFvO9GZBCfTihK1b5uxpiVA8ykNPaMiLVPpR8smeENJZ7O9mKECgYBweY+Z2lxy0ES+iOK7knzJjWgSvW+csV5nt+EGWz3ng6q+\
    HDSB7+J41LkDx1cJHejc2dn90mSA4uLG5TiW30Kf/PAYJ341wifykyk+QUgj/bf9o1cMEzptbbYtgOeXMZRvz7CyJRAHr9BVQRQm7Z3k\
    9gpSo704LcdUbxVHJ1fVyQKBgCcHXYCgX0YPNS2Sa64abDIUVglou9s362zoBWOMgwmXeXmVO80yzHaD/acr6CcVNYWM1LjffFE76UWL\
    yLuc2Kvm3axrSPxeDNuNh8byfqwIrwvYs18ft9ahIjfeOEzglHI6C1A8urAHdMFecufKtVTuTJTtBS+QY0ayU0TXeV/BAoGAS05B8T2g\
    DTbuPDUEWwDjmBmLyQV5BBNBT5zvCiXOvNn5P4FTR3bquiO5OgqxhXzKhmQMsdOAvl7GytCiKKkX1Er9NOzOWWo8bA9St1T2OPkKIWJG\
    niVcM/nU6GkGVAE6bIO77b4XDqT4VoLv+tynk+dAB4kYJde59rL3GnC2PGA=";
