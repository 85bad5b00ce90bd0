package stratcap.bench;

/** Places of the fields in the reader schemas (src/main/resources): the same in all three, amounts last. */
final class EventFields {
    static final int EVENT_ID = 0;
    static final int RECORDED_AT = 1;
    static final int ENVELOPE = 0;
    static final int FUND = 1;
    static final int INVESTOR = 2;
    static final int CURRENCY = 3;
    static final int AMOUNT = 4;

    private EventFields() {}
}
