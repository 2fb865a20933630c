//! Cities, under the codes and names by which providers say where they stand. It never guesses one.

use crate::model::City;

/// Names, the country's top-level domain, and the city's IATA code with those of its airports
/// (<https://www.iata.org/en/publications/directories/code-search/>).
type Row = (&'static [&'static str], &'static str, &'static [&'static str]);

#[rustfmt::skip]
static CITIES: &[Row] = &[
    (&["Amsterdam"], "nl", &["AMS"]),
    (&["Washington DC", "Ashburn", "Washington"], "us", &["WAS", "IAD", "DCA", "BWI"]),
    (&["Atlanta"], "us", &["ATL"]),
    (&["Athens"], "gr", &["ATH"]),
    (&["Auckland"], "nz", &["AKL"]),
    (&["Austin"], "us", &["AUS"]),
    (&["Bangalore", "Bengaluru"], "in", &["BLR"]),
    (&["Bangkok"], "th", &["BKK", "DMK"]),
    (&["Barcelona"], "es", &["BCN"]),
    (&["Beijing"], "cn", &["BJS", "PEK", "PKX"]),
    (&["Belgrade"], "rs", &["BEG"]),
    (&["Berlin"], "de", &["BER", "TXL"]),
    (&["Bogota"], "co", &["BOG"]),
    (&["Boston"], "us", &["BOS"]),
    (&["Bratislava"], "sk", &["BTS"]),
    (&["Brisbane"], "au", &["BNE"]),
    (&["Brussels"], "be", &["BRU"]),
    (&["Bucharest"], "ro", &["BUH", "OTP"]),
    (&["Budapest"], "hu", &["BUD"]),
    (&["Buenos Aires"], "ar", &["BUE", "EZE", "AEP"]),
    (&["Busan"], "kr", &["PUS"]),
    (&["Cairo"], "eg", &["CAI"]),
    (&["Calgary"], "ca", &["YYC"]),
    (&["Campinas"], "br", &["CPQ", "VCP"]),
    (&["Cape Town"], "za", &["CPT"]),
    (&["Charlotte"], "us", &["CLT"]),
    (&["Chennai"], "in", &["MAA"]),
    (&["Chicago"], "us", &["CHI", "ORD", "MDW"]),
    (&["Cincinnati"], "us", &["CVG"]),
    (&["Cleveland"], "us", &["CLE"]),
    (&["Columbus"], "us", &["CMH"]),
    (&["Copenhagen"], "dk", &["CPH"]),
    (&["Dallas"], "us", &["DFW", "DAL"]),
    (&["Denver"], "us", &["DEN"]),
    (&["Des Moines"], "us", &["DSM"]),
    (&["Detroit"], "us", &["DTT", "DTW"]),
    (&["Doha"], "qa", &["DOH"]),
    (&["Dubai"], "ae", &["DXB"]),
    (&["Dublin"], "ie", &["DUB"]),
    (&["Dusseldorf", "Duesseldorf"], "de", &["DUS"]),
    (&["Frankfurt"], "de", &["FRA"]),
    (&["Fukuoka"], "jp", &["FUK"]),
    (&["Geneva"], "ch", &["GVA"]),
    (&["Hamburg"], "de", &["HAM"]),
    (&["Hanoi"], "vn", &["HAN"]),
    (&["Helsinki"], "fi", &["HEL"]),
    (&["Ho Chi Minh City"], "vn", &["SGN"]),
    (&["Hong Kong"], "hk", &["HKG"]),
    (&["Honolulu"], "us", &["HNL"]),
    (&["Houston"], "us", &["HOU", "IAH"]),
    (&["Hyderabad"], "in", &["HYD"]),
    (&["Istanbul"], "tr", &["IST", "SAW"]),
    (&["Jacksonville"], "us", &["JAX"]),
    (&["Jakarta"], "id", &["JKT", "CGK"]),
    (&["Johannesburg"], "za", &["JNB"]),
    (&["Kansas City"], "us", &["MKC", "MCI"]),
    (&["Kolkata"], "in", &["CCU"]),
    (&["Kuala Lumpur"], "my", &["KUL"]),
    (&["Kyiv"], "ua", &["IEV", "KBP"]),
    (&["Lagos"], "ng", &["LOS"]),
    (&["Las Vegas"], "us", &["LAS"]),
    (&["Lima"], "pe", &["LIM"]),
    (&["Lisbon"], "pt", &["LIS"]),
    (&["London"], "uk", &["LON", "LHR", "LGW", "LCY", "STN", "LTN"]),
    (&["Los Angeles"], "us", &["LAX"]),
    (&["Luanda"], "ao", &["LAD"]),
    (&["Madrid"], "es", &["MAD"]),
    (&["Manchester"], "uk", &["MAN"]),
    (&["Manila"], "ph", &["MNL"]),
    (&["Marseille", "Marseilles"], "fr", &["MRS"]),
    (&["Medellin"], "co", &["MDE"]),
    (&["Melbourne"], "au", &["MEL"]),
    (&["Memphis"], "us", &["MEM"]),
    (&["Mexico City"], "mx", &["MEX"]),
    (&["Miami"], "us", &["MIA"]),
    (&["Milan"], "it", &["MIL", "MXP", "LIN"]),
    (&["Minneapolis"], "us", &["MSP"]),
    (&["Montreal"], "ca", &["YMQ", "YUL"]),
    (&["Moscow"], "ru", &["MOW", "SVO", "DME", "VKO"]),
    (&["Mumbai"], "in", &["BOM"]),
    (&["Munich"], "de", &["MUC"]),
    (&["Nairobi"], "ke", &["NBO"]),
    (&["Nashville"], "us", &["BNA"]),
    (&["New Delhi", "Delhi"], "in", &["DEL"]),
    (&["New York", "New York City", "Newark", "Secaucus"], "us", &["NYC", "JFK", "LGA", "EWR", "TEB"]),
    (&["Osaka"], "jp", &["OSA", "KIX", "ITM"]),
    (&["Oslo"], "no", &["OSL"]),
    (&["Palermo"], "it", &["PMO"]),
    (&["Palo Alto"], "us", &["PAO"]),
    (&["Paris"], "fr", &["PAR", "CDG", "ORY"]),
    (&["Perth"], "au", &["PER"]),
    (&["Philadelphia"], "us", &["PHL"]),
    (&["Phoenix"], "us", &["PHX"]),
    (&["Portland"], "us", &["PDX"]),
    (&["Prague"], "cz", &["PRG"]),
    (&["Pune"], "in", &["PNQ"]),
    (&["Quebec City"], "ca", &["YQB"]),
    (&["Queretaro"], "mx", &["QRO"]),
    (&["Rabat"], "ma", &["RBA"]),
    (&["Riga"], "lv", &["RIX"]),
    (&["Rio de Janeiro"], "br", &["RIO", "GIG", "SDU"]),
    (&["Rome"], "it", &["ROM", "FCO", "CIA"]),
    (&["Salt Lake City"], "us", &["SLC"]),
    (&["San Antonio"], "us", &["SAT"]),
    (&["San Diego"], "us", &["SAN"]),
    (&["San Francisco"], "us", &["SFO"]),
    (&["San Jose"], "us", &["SJC"]),
    (&["Santiago"], "cl", &["SCL"]),
    (&["Sao Paulo"], "br", &["SAO", "GRU", "CGH"]),
    (&["Seattle"], "us", &["SEA"]),
    (&["Seoul"], "kr", &["SEL", "ICN", "GMP"]),
    (&["Shanghai"], "cn", &["SHA", "PVG"]),
    (&["Singapore"], "sg", &["SIN"]),
    (&["Sofia"], "bg", &["SOF"]),
    (&["Stavanger"], "no", &["SVG"]),
    (&["Stockholm"], "se", &["STO", "ARN", "BMA"]),
    (&["Sydney"], "au", &["SYD"]),
    (&["Taipei"], "tw", &["TPE", "TSA"]),
    (&["Tallinn"], "ee", &["TLL"]),
    (&["Tel Aviv"], "il", &["TLV"]),
    (&["Tokyo"], "jp", &["TYO", "HND", "NRT"]),
    (&["Toronto"], "ca", &["YTO", "YYZ"]),
    (&["Vancouver"], "ca", &["YVR"]),
    (&["Vienna"], "at", &["VIE"]),
    (&["Vilnius"], "lt", &["VNO"]),
    (&["Warsaw"], "pl", &["WAW"]),
    (&["Zagreb"], "hr", &["ZAG"]),
    (&["Zurich"], "ch", &["ZRH"]),
];

/// The city of an IATA code, or of one of its airports.
pub(super) fn by_code(code: &str) -> Option<City> {
    CITIES.iter().find_map(|city| {
        let iata = city.2.iter().find(|known| known.eq_ignore_ascii_case(code))?;
        Some(place(city, iata))
    })
}

/// As [`by_code`], of the three letters that a POP begins with.
pub(super) fn by_leading_code(pop: &str) -> Option<City> {
    by_code(super::pops::iata(pop)?)
}

/// The city of a name, spaces left out or written `_`, in a country (none: any).
pub(super) fn by_name(name: &str, country: Option<&str>) -> Option<City> {
    let city = CITIES.iter().find(|(names, domain, _)| {
        country.is_none_or(|country| country.eq_ignore_ascii_case(domain)) && names.iter().any(|known| is(known, name))
    })?;
    Some(place(city, city.2[0]))
}

/// The one city of a country whose name two letters can stand for: its first two, or the first of two words.
pub(super) fn by_abbreviation(country: &str, letters: &str) -> Option<City> {
    let abbreviates = |name: &&str| {
        let mut words = name.split(' ').filter_map(|word| word.chars().next());
        let initials = [words.next(), words.next()].into_iter().flatten();
        let begins = name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(letters));
        begins || initials.eq(letters.to_ascii_uppercase().chars())
    };
    let mut found = CITIES
        .iter()
        .filter(|(names, domain, _)| country.eq_ignore_ascii_case(domain) && names.iter().any(abbreviates));
    let city = found.next()?;
    found.next().is_none().then(|| place(city, city.2[0]))
}

/// A country's top-level domain is its code, but for one.
pub(super) fn domain(country: &str) -> &str {
    if country.eq_ignore_ascii_case("GB") { "uk" } else { country }
}

fn place(city: &Row, iata: &'static str) -> City {
    City { iata, name: city.0[0] }
}

fn is(known: &str, name: &str) -> bool {
    let letters = |text: &str| {
        text.bytes().filter(u8::is_ascii_alphabetic).map(|byte| byte.to_ascii_lowercase()).collect::<Vec<_>>()
    };
    letters(known) == letters(name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_code_and_no_name_is_of_two_cities() {
        let (mut codes, mut all_names) = (BTreeSet::new(), BTreeSet::new());
        for (names, domain, of_city) in CITIES {
            assert!(of_city.iter().all(|code| code.len() == 3 && codes.insert(*code)), "{names:?}");
            assert!(names.iter().all(|name| all_names.insert((*name, *domain))), "{names:?}");
        }
    }

    #[test]
    fn two_letters_stand_for_one_city_or_for_none() {
        let city = |country, letters| by_abbreviation(country, letters).map(|city| city.name);
        assert_eq!(city("de", "fr"), Some("Frankfurt"));
        assert_eq!(city("us", "ny"), Some("New York"));
        assert_eq!(city("us", "wd"), Some("Washington DC"));
        assert_eq!(city("us", "ch"), None, "Charlotte or Chicago");
        assert_eq!(city("fr", "fr"), None);
    }
}
