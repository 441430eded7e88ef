from alarmbridge.mediant.orders import Subject


def test_only_what_is_said_of_a_subject_is_sent_in_the_guides_order() -> None:
    whole = Subject(
        country_code="DE", state="BY", locality="M", company="C", organizational_unit="O",
        common_name="N",
    )  # fmt: skip
    assert list(whole.attributes()) == [
        "subjectName", "organizationalUnit", "companyName", "localityName", "state", "countryCode",
    ]  # fmt: skip
    assert Subject().attributes() == {}
