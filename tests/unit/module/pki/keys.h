/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_MODULE_PKI_KEYS_H
#define TESTS_UNIT_MODULE_PKI_KEYS_H

/* Keys made for these tests alone, by openssl(1) and ssh-keygen(1). Nothing else uses them. */

#define RSA_PKCS8                                                                                  \
    "-----BEGIN PRIVATE KEY-----\n"                                                                \
    "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC2dWCkntD0sHDq\n"                           \
    "rEdGKnACbP8xKrooRYyczmd9loVsA4rizeqKcbWtZCWcVdIBTTcAlL5OaRqTBVrH\n"                           \
    "nZf6B1mpK/+Tm8PocfcyFhs1x2rWD7JIhFiuwGMnhnbnIJogXmDJrZiXNjwueicv\n"                           \
    "bJFqzcl5gHn6CWA/f732510Y4JTZSgis7XoS62KmbHuODPyQgwHixfjFYmWX7Geb\n"                           \
    "Cygqo2n/xJbn0FnrwMHlvvWL2sqZz4EVeqgoCNwF80XGoNlP3Cy4omELUKC3szk3\n"                           \
    "zJw/X9iigHwmPCznQu1W2PNzRdvNsCgYYsSlB79b7hsrfNMy2Rmsqdrhx5yIWX8l\n"                           \
    "zXkY2EarAgMBAAECggEAFhhdbVyvezeJWlx7KRu8grQGV0Llq44jOrNNbwpKT/aX\n"                           \
    "MWNe8rMAcuXndBN5zJ84I5bfpjPY0aharO+rAXk1ug8nnQ1w36DldChJ1UJimqzo\n"                           \
    "mcWFI8G31YfVYE80uuoS7c6wOtIziYFQu3p58FAer4WyamgLmBpKZoWauDIsyanr\n"                           \
    "2yvDXIjeUmMQkVkr/4yF2p1F0G/SZIle+kdT2/yIeMQstipec3Qv/76D3M3vbFGc\n"                           \
    "ZTzNpHUzj/0tVsTdVR1Wq8/qMw9Zkka7wSYM9Ma1EU4LqjpAfy9mLbDVKbLpnYiU\n"                           \
    "HXaS8qyay1nivezojuc1F5Q6CgVADhxLY89VOeAxWQKBgQDvxXu5FhGOl5We3rDK\n"                           \
    "7NWu54ZULmFDjCufMPR+UU7ssoWDhxI3DqwRF0hFcyQgx4AutVhGuJUmizXfVP4M\n"                           \
    "vw+WGkCRl8pFGvzA8Joewjbe7BR5m21beZrGOyop/xEqY566LDz3yFuhg6GP4m+V\n"                           \
    "5b+aNqT+NdLzVJcqlO/YVDSkjQKBgQDCztWBtkFKfxHGZ18eOtYw73iHqjr8S0Nt\n"                           \
    "bfXSWm4j6KNr8aBi6N2+LHmwjzAthHkq/rZumTJ8NPda2s7IgH+m+o2HULk/1GZH\n"                           \
    "VnYABtIwPJ3u/GAs+vSRZB7GtKm+E6roStTE1TQFPscz3XGg1HeRweijkcEBOBd7\n"                           \
    "j5WbvXb2FwKBgCY9RKIcFui63C3eLivu4ZVnb1D1pKV1MW/OCvAqX3/4aLq1S/5j\n"                           \
    "5KVFJU2OM3DW4GaSnWWKAp+HDCx2DZ5SylWSEkImByhGSZErziihqMacuBc85o/0\n"                           \
    "MO70eKECAObVxHbEn2SVG6gCqj2cS1eIsKoTlPTF+MK99u3fmvDRXSPxAoGBAIWN\n"                           \
    "y25MBuMNzp/Yyqss5x9Rba6ElD/XUXi6RCdce9n+adtdIfntb+grEZpr8DmkcnV5\n"                           \
    "fpTATo48ub/99nobLmjJqTG1s+sAsMYDjo5iHsOXKydmuoDb48Oxgi/0N9LqJOdw\n"                           \
    "NgJjsHBQI714+aerQfYZnGZXTJyLWf4J6CWHdQEtAoGBAJXCRsc9/KSt2KFi/ttn\n"                           \
    "/ozeQdHkYo9mQHOM/dvZ5NzV5zR0Kb2r1dbSSoM2zrclqIeZH6qpUqmWepCACTCi\n"                           \
    "CO1rwEIlGLSGFkRdlZKms1QewH7vscQrwe7pA79NFnj1hM/Om7fJXrNQjtA5hWXW\n"                           \
    "i9VrXNhpB84mjJ6ZSDlO+yts\n"                                                                   \
    "-----END PRIVATE KEY-----\n"

#define RSA_PKCS1                                                                                  \
    "-----BEGIN RSA PRIVATE KEY-----\n"                                                            \
    "MIIEpAIBAAKCAQEAtnVgpJ7Q9LBw6qxHRipwAmz/MSq6KEWMnM5nfZaFbAOK4s3q\n"                           \
    "inG1rWQlnFXSAU03AJS+TmkakwVax52X+gdZqSv/k5vD6HH3MhYbNcdq1g+ySIRY\n"                           \
    "rsBjJ4Z25yCaIF5gya2YlzY8LnonL2yRas3JeYB5+glgP3+99uddGOCU2UoIrO16\n"                           \
    "Eutipmx7jgz8kIMB4sX4xWJll+xnmwsoKqNp/8SW59BZ68DB5b71i9rKmc+BFXqo\n"                           \
    "KAjcBfNFxqDZT9wsuKJhC1Cgt7M5N8ycP1/YooB8Jjws50LtVtjzc0XbzbAoGGLE\n"                           \
    "pQe/W+4bK3zTMtkZrKna4ceciFl/Jc15GNhGqwIDAQABAoIBABYYXW1cr3s3iVpc\n"                           \
    "eykbvIK0BldC5auOIzqzTW8KSk/2lzFjXvKzAHLl53QTecyfOCOW36Yz2NGoWqzv\n"                           \
    "qwF5NboPJ50NcN+g5XQoSdVCYpqs6JnFhSPBt9WH1WBPNLrqEu3OsDrSM4mBULt6\n"                           \
    "efBQHq+FsmpoC5gaSmaFmrgyLMmp69srw1yI3lJjEJFZK/+MhdqdRdBv0mSJXvpH\n"                           \
    "U9v8iHjELLYqXnN0L/++g9zN72xRnGU8zaR1M4/9LVbE3VUdVqvP6jMPWZJGu8Em\n"                           \
    "DPTGtRFOC6o6QH8vZi2w1Smy6Z2IlB12kvKsmstZ4r3s6I7nNReUOgoFQA4cS2PP\n"                           \
    "VTngMVkCgYEA78V7uRYRjpeVnt6wyuzVrueGVC5hQ4wrnzD0flFO7LKFg4cSNw6s\n"                           \
    "ERdIRXMkIMeALrVYRriVJos131T+DL8PlhpAkZfKRRr8wPCaHsI23uwUeZttW3ma\n"                           \
    "xjsqKf8RKmOeuiw898hboYOhj+JvleW/mjak/jXS81SXKpTv2FQ0pI0CgYEAws7V\n"                           \
    "gbZBSn8RxmdfHjrWMO94h6o6/EtDbW310lpuI+ija/GgYujdvix5sI8wLYR5Kv62\n"                           \
    "bpkyfDT3WtrOyIB/pvqNh1C5P9RmR1Z2AAbSMDyd7vxgLPr0kWQexrSpvhOq6ErU\n"                           \
    "xNU0BT7HM91xoNR3kcHoo5HBATgXe4+Vm7129hcCgYAmPUSiHBboutwt3i4r7uGV\n"                           \
    "Z29Q9aSldTFvzgrwKl9/+Gi6tUv+Y+SlRSVNjjNw1uBmkp1ligKfhwwsdg2eUspV\n"                           \
    "khJCJgcoRkmRK84ooajGnLgXPOaP9DDu9HihAgDm1cR2xJ9klRuoAqo9nEtXiLCq\n"                           \
    "E5T0xfjCvfbt35rw0V0j8QKBgQCFjctuTAbjDc6f2MqrLOcfUW2uhJQ/11F4ukQn\n"                           \
    "XHvZ/mnbXSH57W/oKxGaa/A5pHJ1eX6UwE6OPLm//fZ6Gy5oyakxtbPrALDGA46O\n"                           \
    "Yh7DlysnZrqA2+PDsYIv9DfS6iTncDYCY7BwUCO9ePmnq0H2GZxmV0yci1n+Cegl\n"                           \
    "h3UBLQKBgQCVwkbHPfykrdihYv7bZ/6M3kHR5GKPZkBzjP3b2eTc1ec0dCm9q9XW\n"                           \
    "0kqDNs63JaiHmR+qqVKplnqQgAkwogjta8BCJRi0hhZEXZWSprNUHsB+77HEK8Hu\n"                           \
    "6QO/TRZ49YTPzpu3yV6zUI7QOYVl1ovVa1zYaQfOJoyemUg5TvsrbA==\n"                                   \
    "-----END RSA PRIVATE KEY-----\n"

#define RSA_OPENSSH                                                                                \
    "-----BEGIN OPENSSH PRIVATE KEY-----\n"                                                        \
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAABFwAAAAdzc2gtcn\n"                     \
    "NhAAAAAwEAAQAAAQEAtnVgpJ7Q9LBw6qxHRipwAmz/MSq6KEWMnM5nfZaFbAOK4s3qinG1\n"                     \
    "rWQlnFXSAU03AJS+TmkakwVax52X+gdZqSv/k5vD6HH3MhYbNcdq1g+ySIRYrsBjJ4Z25y\n"                     \
    "CaIF5gya2YlzY8LnonL2yRas3JeYB5+glgP3+99uddGOCU2UoIrO16Eutipmx7jgz8kIMB\n"                     \
    "4sX4xWJll+xnmwsoKqNp/8SW59BZ68DB5b71i9rKmc+BFXqoKAjcBfNFxqDZT9wsuKJhC1\n"                     \
    "Cgt7M5N8ycP1/YooB8Jjws50LtVtjzc0XbzbAoGGLEpQe/W+4bK3zTMtkZrKna4ceciFl/\n"                     \
    "Jc15GNhGqwAAA7gnPf8kJz3/JAAAAAdzc2gtcnNhAAABAQC2dWCkntD0sHDqrEdGKnACbP\n"                     \
    "8xKrooRYyczmd9loVsA4rizeqKcbWtZCWcVdIBTTcAlL5OaRqTBVrHnZf6B1mpK/+Tm8Po\n"                     \
    "cfcyFhs1x2rWD7JIhFiuwGMnhnbnIJogXmDJrZiXNjwueicvbJFqzcl5gHn6CWA/f73251\n"                     \
    "0Y4JTZSgis7XoS62KmbHuODPyQgwHixfjFYmWX7GebCygqo2n/xJbn0FnrwMHlvvWL2sqZ\n"                     \
    "z4EVeqgoCNwF80XGoNlP3Cy4omELUKC3szk3zJw/X9iigHwmPCznQu1W2PNzRdvNsCgYYs\n"                     \
    "SlB79b7hsrfNMy2Rmsqdrhx5yIWX8lzXkY2EarAAAAAwEAAQAAAQAWGF1tXK97N4laXHsp\n"                     \
    "G7yCtAZXQuWrjiM6s01vCkpP9pcxY17yswBy5ed0E3nMnzgjlt+mM9jRqFqs76sBeTW6Dy\n"                     \
    "edDXDfoOV0KEnVQmKarOiZxYUjwbfVh9VgTzS66hLtzrA60jOJgVC7ennwUB6vhbJqaAuY\n"                     \
    "GkpmhZq4MizJqevbK8NciN5SYxCRWSv/jIXanUXQb9JkiV76R1Pb/Ih4xCy2Kl5zdC//vo\n"                     \
    "Pcze9sUZxlPM2kdTOP/S1WxN1VHVarz+ozD1mSRrvBJgz0xrURTguqOkB/L2YtsNUpsumd\n"                     \
    "iJQddpLyrJrLWeK97OiO5zUXlDoKBUAOHEtjz1U54DFZAAAAgQCVwkbHPfykrdihYv7bZ/\n"                     \
    "6M3kHR5GKPZkBzjP3b2eTc1ec0dCm9q9XW0kqDNs63JaiHmR+qqVKplnqQgAkwogjta8BC\n"                     \
    "JRi0hhZEXZWSprNUHsB+77HEK8Hu6QO/TRZ49YTPzpu3yV6zUI7QOYVl1ovVa1zYaQfOJo\n"                     \
    "yemUg5TvsrbAAAAIEA78V7uRYRjpeVnt6wyuzVrueGVC5hQ4wrnzD0flFO7LKFg4cSNw6s\n"                     \
    "ERdIRXMkIMeALrVYRriVJos131T+DL8PlhpAkZfKRRr8wPCaHsI23uwUeZttW3maxjsqKf\n"                     \
    "8RKmOeuiw898hboYOhj+JvleW/mjak/jXS81SXKpTv2FQ0pI0AAACBAMLO1YG2QUp/EcZn\n"                     \
    "Xx461jDveIeqOvxLQ21t9dJabiPoo2vxoGLo3b4sebCPMC2EeSr+tm6ZMnw091razsiAf6\n"                     \
    "b6jYdQuT/UZkdWdgAG0jA8ne78YCz69JFkHsa0qb4TquhK1MTVNAU+xzPdcaDUd5HB6KOR\n"                     \
    "wQE4F3uPlZu9dvYXAAAAAAEC\n"                                                                   \
    "-----END OPENSSH PRIVATE KEY-----\n"

#define RSA_ENCRYPTED                                                                              \
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"                                                      \
    "MIIFLTBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQIPznWFmxeivoCAggA\n"                           \
    "MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBBaqYJ9gM5DhIHLxwbtT6POBIIE\n"                           \
    "0DDiKSEuuc9xAqWC+IuHoE1xRAmFSiXzuiwtWndO9KU1LKgdRKJ3VFLivOy5/5R0\n"                           \
    "U6PcxeUue5fINJg8Cc9vO9Ux8tIn2mbdwPhFQeZmP7lW10HgMM0iWtDVxvZ4PjhV\n"                           \
    "hfgKgLvLStFVnYaB1l0rX3x3cS2eGDKGpCjkNbyzD+X+2rxEkjT0zj1vcLRUjoEU\n"                           \
    "9PcmaXQBLywRNhhkMop2Jvr4OvX8eg5c+fzrCCN53A8ujZFe4FjGeFf8lse81Ojc\n"                           \
    "19Fam1+yE2+3RO3WE6KS9fnvlppDTchcVewfZ2dWL8H7K5TRMOpWDy54BcpBPCV8\n"                           \
    "bCEmrZa21j4cEulNS+7alcB2nOC05gq9Sfg31v0/G5NgGHVpSVJJGhcgA2whbTyO\n"                           \
    "ibGQEVrIrk5k0lnk5+3idQYld8Bz2rDTLTD8dBOte0pWYCcxvsSdZ+5c47ZppzoS\n"                           \
    "Xje6IQXCUak9K5GK0Z8y0Rxrur85GBq3rxsRkz7Y7dt68LDfwlfAF4Pj9wOe9QZG\n"                           \
    "ucBYnEGX57etsa6Ig4XxuZO6TzE1Iqt046HOuMfMWzTCW2xWDh7l0Mf5bg/akL3q\n"                           \
    "xhwHz6d67o3AGzzbD0Rz264rZ98l3camMhFbzRrfLQQ3nnRFxI0mC6yZ+rpOh3xy\n"                           \
    "a+HARwyv4+DrM6n6taAtB8ECneEiEgcDVOWQY6gAfJFB7I+jy/miSlqOz4bMxbql\n"                           \
    "Hs9YPdWJggB/OWk0DhvHRxCO9dlXdzacq1+JKT85iXIZlg6mfk1GkxPCBbZWleyH\n"                           \
    "7GZN9bzwnt9rWGbbXTgopuLJ3fOZ6MA32lPzxPtm1rfOYW2STdNtlWp4lrAIDg70\n"                           \
    "QlMmqS+UcnkrThYaid5zHNjamkoE6Oys4MtMeaaPUN+9czm8qX2QtCp2sT6sdacj\n"                           \
    "U6dtX+lmpNKYwVorOJ1uj9gq4jZAhUQWPXCIFoPsOVhuhSiGBYZWbrTTH2FqM/cH\n"                           \
    "va9otfNIGgOgBA8slBq/tFvZlBr/Rs9ZNrKYYbeDMwhDeLAEo1x1bBt/M47LMiHz\n"                           \
    "Op3pdLHybYY0jwWLtbBbZso8a1RKNI0yfdfV0Rx2H5r+Q6BZQyKZLNp+z2+jL0cS\n"                           \
    "0dJZXtMYdimSoNTX6GjvShMq5QeF+d6lXN5e9HesWJqYf7rgrq9l1SANGhLcYAzg\n"                           \
    "mWiOKBJkkMW1PetH+dLi1TQWMth7v8Dc4YbkZdlkGzJyFF4pIOHVnBR2jS7Hg2+k\n"                           \
    "7SaVGy/17DVDNhs85uRSiM1ZJYjHJ7Xdd3hQabSBm+kVNZAYBv6jMqWZTXDWX7hh\n"                           \
    "WSy+15Sq9t7bYOURyfkeu+gJdzWOETpwTx4UxMY+GgG/+rKst6CPh+mZuxt8Jesz\n"                           \
    "/bMdr9gBuizpX/b4ABEmLVP5+UKiLWEIui3VV5E4F4FcJFNUxQGnq+YDto6MK388\n"                           \
    "nBbrNnUfxDddRowbPgQiqm6wjUgxJ+uQjJGhx/isyjS292TqVkQCkOI2vaaNqAlT\n"                           \
    "jml/xDlyZ2wD40/1rA33k/TDcRSZLhQO2/hnuULCTPtVChKj0MJOJaTBE6UBKO+o\n"                           \
    "2Wc1uCTFpk4OwKI/aGb4y/1QuwMO7g/5AmgxZN9A9A3MLsvtNZ2QfIZ42XvEk840\n"                           \
    "T074X92JcwxP+dR6y2y5KDa39tiS+QA5pCN1jhFLuRDa\n"                                               \
    "-----END ENCRYPTED PRIVATE KEY-----\n"

#define RSA_OLD                                                                                    \
    "-----BEGIN RSA PRIVATE KEY-----\n"                                                            \
    "Proc-Type: 4,ENCRYPTED\n"                                                                     \
    "DEK-Info: AES-128-CBC,A40048AED6EB83FE04D68B31B902CB0A\n"                                     \
    "\n"                                                                                           \
    "dhNkw7Xtobt+topKtVB2gdCqEP7SFZFj4VC0IZHwawnRVfK4JVKcgL0DoUoKGXpX\n"                           \
    "XJwAF3z5z5t07wNj1SHZe3UIn1eneBdIen/K4H/q04Vnk7Nzzg8+BUWYgNgE14ob\n"                           \
    "mKIclSwj4XR+LoO5XL5PCOGmyz6mU7sNxZPyWlJcZRIJvpGWwO6zFSgQr0VZiSxj\n"                           \
    "C8JHN32b1x0XmoT/CJBU6u15dZ4JBIfXkLow+wFua/F1pdIAo2u+nkceqd4jlvZf\n"                           \
    "euIf9nIOzpj0PeG/jor5002VJ6kiBzKEIvrOmHm9OaJoRJaAfy+uehkFBChQElON\n"                           \
    "ZXqlMvu1vf0jkCSyS58vJqKFgp6gPpluMrBWEIqarOcpPCrTuiNNCuBn1ZMiqXoC\n"                           \
    "HLLw5kSq03Q9d7Mqe9SoN2f/hiiC4ZMkmDvXJxz8jy+UXW5azANlx56No9T36TtC\n"                           \
    "5WPU1Ayvvo4Z1k1bELVIIpLIl9Q9KjM+28yWO75pKvno8euYSIiJ4ZaDCgYHC18Y\n"                           \
    "y3Mez1YWpbx5Nra1ZlMNsGzBKQtjD48jj936v8z1jvafTTmKa2wqWWsrD7uvcieG\n"                           \
    "0gmJ5TjhRus8C4/1pEPb7txPvq6ch0tqqqcELXRad5iZM/pthyRNITS7fjJfm0ct\n"                           \
    "m19Nhb+TzUgXIEhokU08aLiYs745mxjXAMbqky1EpLXHcSYSKGeEB6t3Js8fBj4x\n"                           \
    "SJLkhonCxHBJZjaPGF1iyuNTsudHNd3TXmKID0raUbr5wXTDXpWiT1I3Ip6sz7UV\n"                           \
    "Yq8BAdem+luStuMEtLvsQkaBe/RPU1kiqYxH0dOBnAp2FXXY4sV9zgERn5raZv79\n"                           \
    "hsOE1aZQZPaRE5c2pdBqug3KvRTPNr+TN5t7aIEsq48FzJTpDmdUTJPj2r7vHo+j\n"                           \
    "fMGiv5wChWht5syfQxO/I1N9K5NetWxOk40umgJSn8uuPln+9jVTZwDg1NLN65vz\n"                           \
    "3rud5AeXeHf+Ug+4mB9yP0KiXZcCaBPdEoqPQoaG1NfCGSvyiPTyKQrJ3kZf0VhU\n"                           \
    "fXSfPpeaXEWv8TiNJeCB9wEuG3nKQaQlEYXaCmrs67J1lqx+BaRhaFee6vk0OWXf\n"                           \
    "WG0fwV8A5tD9B4aAI6VRZA+4P5ebPe0xyh22xPl54FStyoH5dtd/tJXMGBpG+9Ni\n"                           \
    "9ZaL9Vp3U1sRd12z3gpz8C9NgeRtQZp0ltHG5/QkmHIwC/uoPfUtgFyBvKW44Kby\n"                           \
    "EmVPi5lq6utwZQzfWBStP9zFHUOJt7r09/n2LYKNdFa37Htt92Izf/cLVsBmUiMy\n"                           \
    "o0SxgT6l3hi5EkvCp6/y/K9aCpWIadSi5ygUC0153CGYdIOl/duAKfw+kEhe1gWr\n"                           \
    "4l+TL4v84FUncvUZAgxt6IYwUfN13M2fDEtZYP5tjLSO000GsGf9GnOKwAPTvAka\n"                           \
    "lTWj2WCbq7Mhx62fUS6d438kIfbrvJ5+Wx3QNnGDIcQmVxbfSP7kFmkdacZMqVV2\n"                           \
    "ovxX/F4LuimNDvqik49vyAaXUwqOPcvS1xN8ERqL74XxhyxbJUTAMIrJyVgBHnFe\n"                           \
    "xcDYEGMsSRoOBh83i2g6njiZX1LTKpfY3Mb4lUtH45Pe1csVFAGBUxDTx8JM5fHb\n"                           \
    "-----END RSA PRIVATE KEY-----\n"

#define RSA_PUBLIC                                                                                 \
    "-----BEGIN PUBLIC KEY-----\n"                                                                 \
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtnVgpJ7Q9LBw6qxHRipw\n"                           \
    "Amz/MSq6KEWMnM5nfZaFbAOK4s3qinG1rWQlnFXSAU03AJS+TmkakwVax52X+gdZ\n"                           \
    "qSv/k5vD6HH3MhYbNcdq1g+ySIRYrsBjJ4Z25yCaIF5gya2YlzY8LnonL2yRas3J\n"                           \
    "eYB5+glgP3+99uddGOCU2UoIrO16Eutipmx7jgz8kIMB4sX4xWJll+xnmwsoKqNp\n"                           \
    "/8SW59BZ68DB5b71i9rKmc+BFXqoKAjcBfNFxqDZT9wsuKJhC1Cgt7M5N8ycP1/Y\n"                           \
    "ooB8Jjws50LtVtjzc0XbzbAoGGLEpQe/W+4bK3zTMtkZrKna4ceciFl/Jc15GNhG\n"                           \
    "qwIDAQAB\n"                                                                                   \
    "-----END PUBLIC KEY-----\n"

#define P256_PKCS8                                                                                 \
    "-----BEGIN PRIVATE KEY-----\n"                                                                \
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgTQTsVQOOltIXawLu\n"                           \
    "scEds71xCwT7h1xRlJVqPhzwzuahRANCAATvaRMmYqWLp1YXDWky3Q+6O90iz1VF\n"                           \
    "f9x9hNzEiAGd/9UoBMNvSUwqNkN+3N2diqsYgXEMGNUpwg9E006Yq2DX\n"                                   \
    "-----END PRIVATE KEY-----\n"

#define P256_SEC1                                                                                  \
    "-----BEGIN EC PRIVATE KEY-----\n"                                                             \
    "MHcCAQEEIE0E7FUDjpbSF2sC7rHBHbO9cQsE+4dcUZSVaj4c8M7moAoGCCqGSM49\n"                           \
    "AwEHoUQDQgAE72kTJmKli6dWFw1pMt0PujvdIs9VRX/cfYTcxIgBnf/VKATDb0lM\n"                           \
    "KjZDftzdnYqrGIFxDBjVKcIPRNNOmKtg1w==\n"                                                       \
    "-----END EC PRIVATE KEY-----\n"

#define P256_COMPRESSED                                                                            \
    "-----BEGIN EC PRIVATE KEY-----\n"                                                             \
    "MFcCAQEEIE0E7FUDjpbSF2sC7rHBHbO9cQsE+4dcUZSVaj4c8M7moAoGCCqGSM49\n"                           \
    "AwEHoSQDIgAD72kTJmKli6dWFw1pMt0PujvdIs9VRX/cfYTcxIgBnf8=\n"                                   \
    "-----END EC PRIVATE KEY-----\n"

#define P256_BARE                                                                                  \
    "-----BEGIN EC PRIVATE KEY-----\n"                                                             \
    "MDECAQEEIE0E7FUDjpbSF2sC7rHBHbO9cQsE+4dcUZSVaj4c8M7moAoGCCqGSM49\n"                           \
    "AwEH\n"                                                                                       \
    "-----END EC PRIVATE KEY-----\n"

#define P256_OPENSSH                                                                               \
    "-----BEGIN OPENSSH PRIVATE KEY-----\n"                                                        \
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAaAAAABNlY2RzYS\n"                     \
    "1zaGEyLW5pc3RwMjU2AAAACG5pc3RwMjU2AAAAQQTvaRMmYqWLp1YXDWky3Q+6O90iz1VF\n"                     \
    "f9x9hNzEiAGd/9UoBMNvSUwqNkN+3N2diqsYgXEMGNUpwg9E006Yq2DXAAAAmPwd0+z8Hd\n"                     \
    "PsAAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBO9pEyZipYunVhcN\n"                     \
    "aTLdD7o73SLPVUV/3H2E3MSIAZ3/1SgEw29JTCo2Q37c3Z2KqxiBcQwY1SnCD0TTTpirYN\n"                     \
    "cAAAAgTQTsVQOOltIXawLuscEds71xCwT7h1xRlJVqPhzwzuYAAAAA\n"                                     \
    "-----END OPENSSH PRIVATE KEY-----\n"

#define P256_EXPLICIT                                                                              \
    "-----BEGIN EC PRIVATE KEY-----\n"                                                             \
    "MIIBaAIBAQQgTQTsVQOOltIXawLuscEds71xCwT7h1xRlJVqPhzwzuaggfowgfcC\n"                           \
    "AQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAAAAAAAAAAAAAA////////////////\n"                           \
    "MFsEIP////8AAAABAAAAAAAAAAAAAAAA///////////////8BCBaxjXYqjqT57Pr\n"                           \
    "vVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSdNgiG5wSTamZ44ROdJreBn36QBEEE\n"                           \
    "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54W\n"                           \
    "K84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA//////////+85vqtpxeehPO5ysL8\n"                           \
    "YyVRAgEBoUQDQgAE72kTJmKli6dWFw1pMt0PujvdIs9VRX/cfYTcxIgBnf/VKATD\n"                           \
    "b0lMKjZDftzdnYqrGIFxDBjVKcIPRNNOmKtg1w==\n"                                                   \
    "-----END EC PRIVATE KEY-----\n"

#define P256_PUBLIC                                                                                \
    "-----BEGIN PUBLIC KEY-----\n"                                                                 \
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE72kTJmKli6dWFw1pMt0PujvdIs9V\n"                           \
    "RX/cfYTcxIgBnf/VKATDb0lMKjZDftzdnYqrGIFxDBjVKcIPRNNOmKtg1w==\n"                               \
    "-----END PUBLIC KEY-----\n"

#define P384_SEC1                                                                                  \
    "-----BEGIN EC PRIVATE KEY-----\n"                                                             \
    "MIGkAgEBBDDXsrFDg4umtgjFp+18rFXjMeiVvFUEd5APwEZWH/seelpFq5JRGXYu\n"                           \
    "4nPE47iSbHmgBwYFK4EEACKhZANiAAQDzwLdtJAww2DGnXllfJoIXtu7lxlafplK\n"                           \
    "B2LT7gc1Q1Iq3s07a98n9Y+kOpnYn1RsmdprKyqLLW4P7mTKmY96rL7Nl2nyWCxi\n"                           \
    "4AcIEId7xRak8KD/J1pcz+f9uD2KMns=\n"                                                           \
    "-----END EC PRIVATE KEY-----\n"

#define P384_PUBLIC                                                                                \
    "-----BEGIN PUBLIC KEY-----\n"                                                                 \
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEA88C3bSQMMNgxp15ZXyaCF7bu5cZWn6Z\n"                           \
    "Sgdi0+4HNUNSKt7NO2vfJ/WPpDqZ2J9UbJnaaysqiy1uD+5kypmPeqy+zZdp8lgs\n"                           \
    "YuAHCBCHe8UWpPCg/ydaXM/n/bg9ijJ7\n"                                                           \
    "-----END PUBLIC KEY-----\n"

#define P521_PKCS8                                                                                 \
    "-----BEGIN PRIVATE KEY-----\n"                                                                \
    "MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIB83gakc7W66RpsZGN\n"                           \
    "slhuhfVjae3lyWHFGLXT/C7NaEndYYpDLO7DAptB0l8fiB0yDKpasJxo5ZkJwiJe\n"                           \
    "AZbrjuChgYkDgYYABAB0GkU/puPQr0dlAoyAit507vwQKVIpmSu7CMi5MNkD0HED\n"                           \
    "KoVEG102LjV0HTk16qW8ad61O847KX3KOrsdNHvG2gDPjO6vhloaeR3GU5jhcBIl\n"                           \
    "rEi1GOtlxzsN9C5s4YT1PgR32Si5tPxLAmYWFDwWUfyjh4suUvCIFoF0EaRPVwRf\n"                           \
    "Xw==\n"                                                                                       \
    "-----END PRIVATE KEY-----\n"

#define P521_OPENSSH                                                                               \
    "-----BEGIN OPENSSH PRIVATE KEY-----\n"                                                        \
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAArAAAABNlY2RzYS\n"                     \
    "1zaGEyLW5pc3RwNTIxAAAACG5pc3RwNTIxAAAAhQQAdBpFP6bj0K9HZQKMgIredO78EClS\n"                     \
    "KZkruwjIuTDZA9BxAyqFRBtdNi41dB05NeqlvGnetTvOOyl9yjq7HTR7xtoAz4zur4ZaGn\n"                     \
    "kdxlOY4XASJaxItRjrZcc7DfQubOGE9T4Ed9koubT8SwJmFhQ8FlH8o4eLLlLwiBaBdBGk\n"                     \
    "T1cEX18AAAEAAuRyVwLkclcAAAATZWNkc2Etc2hhMi1uaXN0cDUyMQAAAAhuaXN0cDUyMQ\n"                     \
    "AAAIUEAHQaRT+m49CvR2UCjICK3nTu/BApUimZK7sIyLkw2QPQcQMqhUQbXTYuNXQdOTXq\n"                     \
    "pbxp3rU7zjspfco6ux00e8baAM+M7q+GWhp5HcZTmOFwEiWsSLUY62XHOw30LmzhhPU+BH\n"                     \
    "fZKLm0/EsCZhYUPBZR/KOHiy5S8IgWgXQRpE9XBF9fAAAAQgHzeBqRztbrpGmxkY2yWG6F\n"                     \
    "9WNp7eXJYcUYtdP8Ls1oSd1hikMs7sMCm0HSXx+IHTIMqlqwnGjlmQnCIl4BluuO4AAAAA\n"                     \
    "ABAg==\n"                                                                                     \
    "-----END OPENSSH PRIVATE KEY-----\n"

#define P521_PUBLIC                                                                                \
    "-----BEGIN PUBLIC KEY-----\n"                                                                 \
    "MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQAdBpFP6bj0K9HZQKMgIredO78EClS\n"                           \
    "KZkruwjIuTDZA9BxAyqFRBtdNi41dB05NeqlvGnetTvOOyl9yjq7HTR7xtoAz4zu\n"                           \
    "r4ZaGnkdxlOY4XASJaxItRjrZcc7DfQubOGE9T4Ed9koubT8SwJmFhQ8FlH8o4eL\n"                           \
    "LlLwiBaBdBGkT1cEX18=\n"                                                                       \
    "-----END PUBLIC KEY-----\n"

#define ED25519_PKCS8                                                                              \
    "-----BEGIN PRIVATE KEY-----\n"                                                                \
    "MC4CAQAwBQYDK2VwBCIEIEqHVEfcQFk2XB55wwvWRN8KGj3FaLg3Q2QfGgnUdCf2\n"                           \
    "-----END PRIVATE KEY-----\n"

#define ED25519_PUBLIC                                                                             \
    "-----BEGIN PUBLIC KEY-----\n"                                                                 \
    "MCowBQYDK2VwAyEAT8vNucsGW7RSD1Za9QwfOUQ1UeHdBovrEgxJrkGuOoM=\n"                               \
    "-----END PUBLIC KEY-----\n"

#define ED25519_OPENSSH                                                                            \
    "-----BEGIN OPENSSH PRIVATE KEY-----\n"                                                        \
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n"                     \
    "QyNTUxOQAAACBkwNA8E5mYV6HHYuxla9N6pXujMDnrg2Qe/HZwBD4tNQAAAJC0LJ2CtCyd\n"                     \
    "ggAAAAtzc2gtZWQyNTUxOQAAACBkwNA8E5mYV6HHYuxla9N6pXujMDnrg2Qe/HZwBD4tNQ\n"                     \
    "AAAEBxvWAk5RUk2OQdROIV4o3BZJCZ7KWNN3JxdDgFFlKoe2TA0DwTmZhXocdi7GVr03ql\n"                     \
    "e6MwOeuDZB78dnAEPi01AAAACWEgY29tbWVudAECAwQ=\n"                                               \
    "-----END OPENSSH PRIVATE KEY-----\n"

#define ED25519_OPENSSH_PUBLIC                                                                     \
    "-----BEGIN PUBLIC KEY-----\n"                                                                 \
    "MCowBQYDK2VwAyEAZMDQPBOZmFehx2LsZWvTeqV7ozA564NkHvx2cAQ+LTU=\n"                               \
    "-----END PUBLIC KEY-----\n"

#define ED25519_OPENSSH_ENCRYPTED                                                                  \
    "-----BEGIN OPENSSH PRIVATE KEY-----\n"                                                        \
    "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABBFUFRye0\n"                     \
    "bgliskGis3VgFMAAAAEAAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIJQ9HlT+AD78oCjL\n"                     \
    "ATxX1hp5COfEEIwzRENhU1y3DWmIAAAAkEK+eXJ6gOgVsrqZnLTeI/ADJ997qNXotJky+f\n"                     \
    "wTOJB3YKfC6sFVtfpRjxJ2/ZQBJv96UWVsJpdwDtGiVCekHC+hBieFphDVCT944t0HU0bz\n"                     \
    "3UQG0DZYsGyIR20jts4K66zN14VZ/rarGIQXYfaSLSa2VUrROXb1Y5B8svzOkj2/cN1ju1\n"                     \
    "Zu+heea8pGNT3KtA==\n"                                                                         \
    "-----END OPENSSH PRIVATE KEY-----\n"

#define ED448_PKCS8                                                                                \
    "-----BEGIN PRIVATE KEY-----\n"                                                                \
    "MEcCAQAwBQYDK2VxBDsEOZw7fxRq6IgPHcy+eaGTGbU0FVWxFnt0NQN9zcf9GrkE\n"                           \
    "kGjcPXToiWmps5sdHHbXChhSh8DYv+aIMQ==\n"                                                       \
    "-----END PRIVATE KEY-----\n"

#define ED448_PUBLIC                                                                               \
    "-----BEGIN PUBLIC KEY-----\n"                                                                 \
    "MEMwBQYDK2VxAzoAIG3ZBfGznrwnVxzWEJKJY67/4JHwPe15s2aQq74no0n87+jH\n"                           \
    "EI0GWduvX5rzBL9X3ilB60HyPdSA\n"                                                               \
    "-----END PUBLIC KEY-----\n"

#define SECP256K1                                                                                  \
    "-----BEGIN EC PRIVATE KEY-----\n"                                                             \
    "MHQCAQEEIPwf95seNdsJvIkT9xWg8rOZxuC/20MZnV/4tTBtHjR/oAcGBSuBBAAK\n"                           \
    "oUQDQgAEzz1IUs+wYtE9yY/c4v8Q94zuv8hFP+vSzAJqlCrj/pxWNwTTeg4sOCxN\n"                           \
    "nU9BrDoOj1Z4irBjvPGOf6JknqN2Tg==\n"                                                           \
    "-----END EC PRIVATE KEY-----\n"

#define RSA_SMALL                                                                                  \
    "-----BEGIN PRIVATE KEY-----\n"                                                                \
    "MIICdQIBADANBgkqhkiG9w0BAQEFAASCAl8wggJbAgEAAoGBAL3s5HldqmZ/7dv0\n"                           \
    "H2i/kntaygMtU4MadXD4sPiIK3eEQxzdcauA6YtICQ6+OZoDVLkqoOa0UnVagVd7\n"                           \
    "UspRNtMT+Zr6H/0haDxqEv5/cWS97HcpsSL5A5+8cKx01DPYveoodBk3X9uKQKyF\n"                           \
    "3k9xep/6UxHLuGWQr62Pls6X5+VrAgMBAAECgYBwSoubJkIFcEXV8jRP3lRhEoC1\n"                           \
    "+CqULSSasq8PgpMQiuaTPmpimEl8zA5u5RFxed6xy/5t6NeIAwbODmAYtoPOqfdT\n"                           \
    "McE+JRRQfFnwDiy92T3Sdxu9d6J1Bdl0BZS0z2egz81JKFEEMiAH0k5Kz/x3zbnb\n"                           \
    "PY6bAe307fyFJjRoIQJBAPp+CjNj/Dduhg3VDmNztE7cVKiZtGsUJMiYbNORzsGN\n"                           \
    "4Fc2cVvNBsQBPXOjeSq7RVlyMo8r5oePKkTnS0GVwUUCQQDCGe+XAQgxST9vBAHD\n"                           \
    "Dutn+5ONtYq0GMgXZjq4iXEWeKHiD6PAO8bTl449ZdpiShJV64QKTG7b0w/2xQ6Q\n"                           \
    "Xv7vAkA6e5TcHLr1IivQLO8YDxqI0u49Eu3JlkFkSBoYZ1FzZTF8iyx6N2sd9gAn\n"                           \
    "8IHIlUKCuKPPQ3umKKnAvpOWc2VVAkB3FZJ5ApkUI+xXIA40riKfWSnd91NxywJ3\n"                           \
    "2LCOJ0TKlJg9KXs9pW8GwiTyZlrlkqxNKoGID/yzwXo53AxjZuThAkAGuWlHuGhO\n"                           \
    "kvSTht7uMl1Pfub2O7QEZhhUx+lz/JPugURi9l3vvwYv7sbBwfRn0uYBBhNgCEdR\n"                           \
    "ZUqKHhz0H7fq\n"                                                                               \
    "-----END PRIVATE KEY-----\n"

#define X448                                                                                       \
    "-----BEGIN PRIVATE KEY-----\n"                                                                \
    "MEYCAQAwBQYDK2VvBDoEOPCWxMe2yy32H8bB5qWKwlonCQfvqnRQDeSPyLANlRIC\n"                           \
    "oGfrKAqd172abCEY93X76TvapCUcuGWi\n"                                                           \
    "-----END PRIVATE KEY-----\n"

/* A certificate for RSA_PKCS8, and that of the authority which has issued it. */
#define RSA_CERTIFICATE                                                                            \
    "-----BEGIN CERTIFICATE-----\n"                                                                \
    "MIIB7DCCAZECFF25mC3xgNZmSVd4gxhiavR3qsUqMAoGCCqGSM49BAMCMBIxEDAO\n"                           \
    "BgNVBAMMB1Rlc3QgQ0EwIBcNMjYxMTI4MTkyMDMxWhgPMjEyNjExMDQxOTIwMzFa\n"                           \
    "MBExDzANBgNVBAMMBnNlcnZlcjCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoC\n"                           \
    "ggEBALZ1YKSe0PSwcOqsR0YqcAJs/zEquihFjJzOZ32WhWwDiuLN6opxta1kJZxV\n"                           \
    "0gFNNwCUvk5pGpMFWsedl/oHWakr/5Obw+hx9zIWGzXHatYPskiEWK7AYyeGducg\n"                           \
    "miBeYMmtmJc2PC56Jy9skWrNyXmAefoJYD9/vfbnXRjglNlKCKztehLrYqZse44M\n"                           \
    "/JCDAeLF+MViZZfsZ5sLKCqjaf/ElufQWevAweW+9YvaypnPgRV6qCgI3AXzRcag\n"                           \
    "2U/cLLiiYQtQoLezOTfMnD9f2KKAfCY8LOdC7VbY83NF282wKBhixKUHv1vuGyt8\n"                           \
    "0zLZGayp2uHHnIhZfyXNeRjYRqsCAwEAATAKBggqhkjOPQQDAgNJADBGAiEA+yXI\n"                           \
    "kq1gpT0KIksjVyD7FDyBSKEeVBKnstRw81Xxbn4CIQC8i41/CDUljd+nzhMWlOJW\n"                           \
    "lReAV0mBsX5g6a+c0PJ68A==\n"                                                                   \
    "-----END CERTIFICATE-----\n"

#define CHAIN_CERTIFICATE                                                                          \
    "-----BEGIN CERTIFICATE-----\n"                                                                \
    "MIIBejCCASGgAwIBAgIUSjRwNuh3gUWQC+mfUVqgCEzssOIwCgYIKoZIzj0EAwIw\n"                           \
    "EjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjgxOTIwMzFaGA8yMTI2MTEwNDE5\n"                           \
    "MjAzMVowEjEQMA4GA1UEAwwHVGVzdCBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEH\n"                           \
    "A0IABCxJJJ4Oh5Eol5NDv3PsraBiUf8csKboUETtcCApIJjO0mzgfZfePXwsmL2t\n"                           \
    "aa0PW8N/ZtjsaUFQkE2qPDbORUijUzBRMB0GA1UdDgQWBBQe3XPo/75zJNHZim+G\n"                           \
    "41x39ML5wjAfBgNVHSMEGDAWgBQe3XPo/75zJNHZim+G41x39ML5wjAPBgNVHRMB\n"                           \
    "Af8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIFbaS5EBBCCHU3j9hWKfLQh4Q8++\n"                           \
    "zQuaDdJW5H8QTNy1AiA95rciDHpuz5ykYm6YdhDR4i8m+AKjDzSF+ZwyU1leCg==\n"                           \
    "-----END CERTIFICATE-----\n"

/* Alice's key of RFC 7748, 6.1, in PKCS#8. */
#define X25519_PKCS8                                                                               \
    "-----BEGIN PRIVATE KEY-----\n"                                                                \
    "MC4CAQAwBQYDK2VuBCIEIHcHbQpzGKV9PBbBclGyZkXfTC+H68CZKrF3+6UduSwq\n"                           \
    "-----END PRIVATE KEY-----\n"

/* A message that openssl(1) has encrypted for RSA_PKCS8. */
#define OAEP_MESSAGE "the message that only one key reads"
#define OAEP_SHA1                                                                                  \
    "344cc73fdb22cd14cc1b0c3d9b44e5b2c8630b90728267e17d8dfe0ddd0e400c855f5b432f77fc09"             \
    "4031c1112b9d3a3869c34dbe71cde2a1c475a803d6ba7b98c44a488b0d8eecf034af32f1fdb6f99b"             \
    "493fc6c3123f17ec4f0c6566997d86248c0667b2047cb31bcc8a1d1a3d205db3133d4fb19883d3b7"             \
    "ee0afe948ba90b42c4274ebd6936429bf40d76e9cca5fc200cf85c90890ed2246c10348f700cea45"             \
    "0a0d3e7464aac6d434af36915b256456ca8cfce47f8a261f902b66cd78496364d90ddf34c895501f"             \
    "85c56f3566c8e015d8cc1b80f878f0d87d4d6e0cfe7be020eae84abfa7a77bc0f3c53bee121d99b1"             \
    "3547b518b1db96a092b4a5d6b2948102"
#define OAEP_SHA256                                                                                \
    "56cb5f1663d234534fefd71f2eedfb7cb1e211b97f9273dc1903ecaaa2af2951d3d22777d4e423e5"             \
    "4d16706aa90a5fbedb20998e1f3052750b49d11a43f77af52be646dc181bd4b9c649900ee0d6e5fa"             \
    "e5ab3d697c2f30fccc85f40bde0a0ffd7a1f12dec5eebc8af936731cf334d2fc630f9b3d11349999"             \
    "38ac9d9b932540e445099759fa3fb5ed1168edb8393fdd4d2c4193a248c72660eb16a32648510fe0"             \
    "48f86e1610e4046a978343411dc5030e548bc4770175831d11e7754e7e5f5117278dbff598d9818a"             \
    "9cb72f322e19ee06ee179ad5a6f6859dd3b7ad74885f91c28c826fbd6859d4f4a78af1fa94cefeaf"             \
    "edab5a12a638bfb3835441287af87c59"
#define OAEP_LABEL                                                                                 \
    "3139f833475ead536fb5ab91de0a3d332f95afb94cfe5411b240b99c44a436049db051a30f1a587f"             \
    "4935fbcd12329631338cb3805f65c01b8e1769ec37ec1de4848e0d89e24e74210187e320a20530a2"             \
    "e7b1997a507211b01888363aa55db67691798515133ff1d812f8e4f7589e5d1dd0611953e2704697"             \
    "776361abf2409c7d004e069cd694830f9e4c0f46d9c4652efe840aabb453c11e2707b4a14dec3c95"             \
    "3dd3542c58e1dfe2f5a10151d3b84686a35bb7bd83a3e51216fe83e438504f665cc4115d4485fd5f"             \
    "1a542515f54a1092b0f9ca6e24d3dd4481cb8282c937aa7077eacf14c9d8057265f55ef04eeb3bc2"             \
    "6b15850a2ba992af3cc0ae985642af6a"

/* PBES2 with single DES, which OpenSSL 3 leaves to its legacy provider */
#define P256_DES                                                                                   \
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"                                                      \
    "MIHgMEsGCSqGSIb3DQEFDTA+MCkGCSqGSIb3DQEFDDAcBAi7zFGMglRb0wICCAAw\n"                           \
    "DAYIKoZIhvcNAgkFADARBgUrDgMCBwQISWA9tGtltcYEgZCRcQyLjsxj1GUhlVex\n"                           \
    "IIltvw+TDsP1W5WCaHl61vv4jCjjH6glxoc3lhuVYaYJOzlgst816hYuCs3hcKdi\n"                           \
    "2Dgv6X51vMyDusyUeFDRLgHYxKUZLKJwKdGbA0C9EntH+4e31oMVwlY23TlqD38N\n"                           \
    "1HpEPFmgKBtuUwzdg6ZJvl1w04N8q8Fvu2Kre8qBc8f/iiY=\n"                                           \
    "-----END ENCRYPTED PRIVATE KEY-----\n"

#define PASSPHRASE "correct-horse"

#endif
